//! Streams into a netlist, cycle by cycle, as the emitted test bench does it.

use crate::emit::TestCase;
use crate::engine::StreamInfo;

/// What can be clocked: the interpreter, or whatever else shows the ports of a top module.
///
/// Inputs are set, then `settle` makes outputs readable, then `step` is a rising edge.
pub trait Device {
    /// A port, found once.
    type Port: Copy;

    /// The port of this name.
    fn port(&self, name: &str) -> Option<Self::Port>;
    /// Sets one lane of an input.
    fn set(&mut self, port: Self::Port, lane: usize, value: u64);
    /// One lane of an output, as of the last `settle`.
    fn get(&self, port: Self::Port, lane: usize) -> u64;
    /// Lets the combinational logic follow the inputs.
    fn settle(&mut self);
    /// One rising edge.
    fn step(&mut self);
    /// Resets all registers that have a reset.
    fn reset(&mut self);
}

/// Edges that a run goes on after everything is done, to see that nothing more comes.
const QUIET: u64 = 80;

/// What a run showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Result beats, in order.
    pub results: Vec<Vec<u64>>,
    /// From the first accepted operand to the last accepted result, both included.
    pub cycles: u64,
    /// From the end of the reset to the last accepted result.
    pub edges: u64,
}

/// One stream at work.
struct Line<'a, P> {
    valid: P,
    ready: P,
    /// (port, lanes a reader) of each field.
    fields: Vec<(P, usize)>,
    index: Option<P>,
    readers: Vec<Reader<'a>>,
    pattern: u64,
}

/// One reader of a stream: it shakes hands on its own.
struct Reader<'a> {
    beats: &'a [Vec<u64>],
    /// The index that must be asked for with each beat; empty if the stream has none.
    indices: &'a [u64],
    at: usize,
    /// Inputs: a beat is offered. Outputs: results are taken.
    offers: bool,
    /// Both sides agree in this cycle.
    taken: bool,
}

impl<P: Copy> Line<'_, P> {
    fn wants(&self, edge: u64) -> bool {
        self.pattern >> (edge % 64) & 1 == 1
    }

    fn is_done(&self) -> bool {
        self.readers.iter().all(|reader| reader.at == reader.beats.len())
    }
}

/// Offers the beats of `case` to `device` by their patterns, from reset to the last result and some edges beyond.
///
/// # Errors
/// A sentence: a port is missing, the device hangs, shows more results than expected, leaves operands, asks for another word
/// than the one that it has to, or changes a result before it is taken.
pub fn drive<D: Device>(device: &mut D, streams: &[StreamInfo], case: &TestCase) -> Result<Measured, String> {
    let mut lines = lines(device, streams, case)?;
    let output = streams.iter().position(|stream| stream.is_output()).ok_or("no result stream")?;
    let [result_reader] = lines[output].readers.as_slice() else {
        return Err("results have more than one reader".to_owned());
    };
    let wanted = result_reader.beats.len();
    let (mut first, mut last) = (None, 0);
    let mut results = Vec::with_capacity(wanted);
    let mut waiting: Option<Vec<u64>> = None;
    let limit = 2 * case.cycles + 1024;
    let mut quiet = 0;
    device.reset();
    for edge in 0.. {
        for (line, stream) in lines.iter_mut().zip(streams) {
            present(device, line, stream, edge);
        }
        device.settle();
        for (line, stream) in lines.iter_mut().zip(streams) {
            let taken = shake(device, line, stream).map_err(|why| format!("edge {edge}: {why}"))?;
            if taken && stream.is_operand() {
                first.get_or_insert(edge);
            }
        }
        if device.get(lines[output].valid, 0) == 1 {
            let beat = shown(device, &lines[output]);
            if waiting.as_ref().is_some_and(|before| *before != beat) {
                return Err(format!("edge {edge}: a result changed before it was taken"));
            }
            if lines[output].readers[0].taken {
                if results.len() == wanted {
                    return Err(format!("edge {edge}: a result beat after the last, {beat:x?}"));
                }
                results.push(beat);
                last = edge;
                waiting = None;
            } else {
                waiting = Some(beat);
            }
        } else if waiting.is_some() {
            return Err(format!("edge {edge}: a result was withdrawn before it was taken"));
        }
        device.step();
        for reader in lines.iter_mut().flat_map(|line| &mut line.readers).filter(|reader| reader.taken) {
            reader.at += 1;
            reader.offers = false;
        }
        if lines.iter().all(Line::is_done) {
            quiet += 1;
            if quiet == QUIET {
                break;
            }
        } else if edge > limit {
            return Err(format!("not done after {edge} edges: {} of {wanted} result beats", results.len()));
        }
    }
    let first = first.ok_or("no operand was accepted")?;
    Ok(Measured { results, cycles: last - first + 1, edges: last + 1 })
}

fn lines<'a, D: Device>(
    device: &D,
    streams: &[StreamInfo],
    case: &'a TestCase,
) -> Result<Vec<Line<'a, D::Port>>, String> {
    let port = |name: &str| device.port(name).ok_or_else(|| format!("no port `{name}`"));
    let mut lines = Vec::new();
    for (stream, data) in streams.iter().zip(&case.streams) {
        if data.readers.len() != stream.readers as usize {
            return Err(format!("{} readers of `{}`, not {}", data.readers.len(), stream.name(), stream.readers));
        }
        let words = data.readers.iter().flatten().next().map_or(0, Vec::len);
        let masks = stream.masks as usize;
        let alike = stream.fields.len() - masks;
        let lanes = |field: usize| if field < alike { words.saturating_sub(masks) / alike } else { 1 };
        let fields = stream.fields.iter().enumerate().map(|(at, field)| Ok((port(field)?, lanes(at))));
        let fields = fields.collect::<Result<_, String>>()?;
        let index = stream.index.as_deref().map(port).transpose()?;
        let mut readers = Vec::new();
        for (reader, beats) in data.readers.iter().enumerate() {
            let indices = data.indices.get(reader).map_or(&[][..], Vec::as_slice);
            if index.is_some() && indices.len() != beats.len() {
                return Err(format!("reader {reader} of `{}` has not an index for each beat", stream.name()));
            }
            readers.push(Reader { beats, indices, at: 0, offers: false, taken: false });
        }
        let (valid, ready) = (port(&stream.valid())?, port(&stream.ready())?);
        lines.push(Line { valid, ready, fields, index, readers, pattern: data.pattern });
    }
    Ok(lines)
}

fn present<D: Device>(device: &mut D, line: &mut Line<D::Port>, stream: &StreamInfo, edge: u64) {
    let wants = line.wants(edge);
    for (number, reader) in line.readers.iter_mut().enumerate() {
        if stream.is_output() {
            reader.offers = wants;
            device.set(line.ready, number, u64::from(wants));
            continue;
        }
        if !reader.offers && wants && reader.at < reader.beats.len() {
            reader.offers = true;
            let mut words = reader.beats[reader.at].iter();
            for &(port, lanes) in &line.fields {
                for (lane, &word) in words.by_ref().take(lanes).enumerate() {
                    device.set(port, number * lanes + lane, word);
                }
            }
        }
        device.set(line.valid, number, u64::from(reader.offers));
    }
}

/// Notes which readers agree with the device; whether any does.
fn shake<D: Device>(device: &D, line: &mut Line<D::Port>, stream: &StreamInfo) -> Result<bool, String> {
    let other = if stream.is_output() { line.valid } else { line.ready };
    let mut any = false;
    for (number, reader) in line.readers.iter_mut().enumerate() {
        reader.taken = reader.offers && device.get(other, number) == 1;
        any |= reader.taken;
        if let (true, Some(index)) = (reader.taken, line.index) {
            let (asked, wanted) = (device.get(index, number), reader.indices[reader.at]);
            if asked != wanted {
                let name = stream.name();
                return Err(format!(
                    "reader {number} of `{name}` asks for word {asked}, not {wanted}, with beat {}",
                    reader.at
                ));
            }
        }
    }
    Ok(any)
}

fn shown<D: Device>(device: &D, line: &Line<D::Port>) -> Vec<u64> {
    let lanes = line.fields.iter().flat_map(|&(port, lanes)| (0..lanes).map(move |lane| (port, lane)));
    lanes.map(|(port, lane)| device.get(port, lane)).collect()
}

/// What is wrong with a run, if anything is: the first result beat that differs, or the cycles.
pub fn difference(measured: &Measured, streams: &[StreamInfo], case: &TestCase) -> Option<String> {
    let output = streams.iter().position(|stream| stream.is_output())?;
    let expected = case.streams[output].beats();
    let differing = measured.results.iter().zip(expected).position(|(ours, theirs)| ours != theirs);
    if let Some(beat) = differing {
        let (ours, theirs) = (&measured.results[beat], &expected[beat]);
        let lane = ours.iter().zip(theirs).position(|(ours, theirs)| ours != theirs).unwrap_or(0);
        return Some(format!(
            "result beat {beat}, lane {lane} is {:x}, not {:x}",
            ours.get(lane).copied().unwrap_or(0),
            theirs.get(lane).copied().unwrap_or(0)
        ));
    }
    (measured.cycles != case.cycles).then(|| format!("{} cycles, not {}", measured.cycles, case.cycles))
}
