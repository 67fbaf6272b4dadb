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

/// What a run showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Result beats, in order.
    pub results: Vec<Vec<u64>>,
    /// From the first accepted operand to the last accepted result, both included.
    pub cycles: u64,
}

/// One stream at work.
struct Line<'a, P> {
    valid: P,
    ready: P,
    /// (port, lanes) of each field.
    fields: Vec<(P, usize)>,
    beats: &'a [Vec<u64>],
    at: usize,
    pattern: u64,
    /// Inputs: a beat is offered. Outputs: results are taken.
    offers: bool,
}

impl<P: Copy> Line<'_, P> {
    fn wants(&self, edge: u64) -> bool {
        self.pattern >> (edge % 64) & 1 == 1
    }
}

/// Offers the beats of `case` to `device` by their patterns, from reset to the last result and some edges beyond.
///
/// # Errors
/// A sentence: a port is missing, the device hangs, shows more results than expected, leaves operands, or changes a result
/// before it is taken.
pub fn drive<D: Device>(device: &mut D, streams: &[StreamInfo], case: &TestCase) -> Result<Measured, String> {
    let mut lines = lines(device, streams, case)?;
    let output = streams.iter().position(|stream| stream.is_output()).ok_or("no result stream")?;
    let wanted = lines[output].beats.len();
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
        let mut taken = Vec::with_capacity(lines.len());
        for (line, stream) in lines.iter().zip(streams) {
            let other = if stream.is_output() { line.valid } else { line.ready };
            taken.push(line.offers && device.get(other, 0) == 1);
        }
        if first.is_none() && taken.iter().zip(streams).any(|(&taken, stream)| taken && stream.is_operand()) {
            first = Some(edge);
        }
        if device.get(lines[output].valid, 0) == 1 {
            let beat = shown(device, &lines[output]);
            if waiting.as_ref().is_some_and(|before| *before != beat) {
                return Err(format!("edge {edge}: a result changed before it was taken"));
            }
            if taken[output] {
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
        for ((line, stream), taken) in lines.iter_mut().zip(streams).zip(taken) {
            if !stream.is_output() && taken {
                line.at += 1;
                line.offers = false;
            }
        }
        let done = results.len() == wanted
            && lines.iter().zip(streams).all(|(line, stream)| stream.is_output() || line.at == line.beats.len());
        if done {
            quiet += 1;
            if quiet == 80 {
                break;
            }
        } else if edge > limit {
            return Err(format!("not done after {edge} edges: {} of {wanted} result beats", results.len()));
        }
    }
    let first = first.ok_or("no operand was accepted")?;
    Ok(Measured { results, cycles: last - first + 1 })
}

fn lines<'a, D: Device>(
    device: &D,
    streams: &[StreamInfo],
    case: &'a TestCase,
) -> Result<Vec<Line<'a, D::Port>>, String> {
    let port = |name: &str| device.port(name).ok_or_else(|| format!("no port `{name}`"));
    let mut lines = Vec::new();
    for (stream, data) in streams.iter().zip(&case.streams) {
        let words = data.beats().first().map_or(0, Vec::len);
        // All fields but the widest have one lane.
        let lanes = |field: usize| match (stream.fields.len(), field) {
            (1, _) => words,
            _ => 1,
        };
        let mut fields = Vec::new();
        for (index, field) in stream.fields.iter().enumerate() {
            fields.push((port(field)?, lanes(index)));
        }
        let (valid, ready) = (port(&stream.valid())?, port(&stream.ready())?);
        lines.push(Line { valid, ready, fields, beats: data.beats(), at: 0, pattern: data.pattern, offers: false });
    }
    Ok(lines)
}

fn present<D: Device>(device: &mut D, line: &mut Line<D::Port>, stream: &StreamInfo, edge: u64) {
    if stream.is_output() {
        line.offers = line.wants(edge);
        device.set(line.ready, 0, u64::from(line.offers));
        return;
    }
    let begins = !line.offers && line.at < line.beats.len() && line.wants(edge);
    if begins {
        line.offers = true;
        let mut words = line.beats[line.at].iter();
        for &(port, lanes) in &line.fields {
            for (lane, &word) in words.by_ref().take(lanes).enumerate() {
                device.set(port, lane, word);
            }
        }
    }
    device.set(line.valid, 0, u64::from(line.offers));
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
