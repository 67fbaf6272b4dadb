//! `check`: a design resolved, with its loop nest before and after each transform.

use clap::Args;
use serde_json::{Value, json};

use super::failure::defect;
use super::session::Session;
use super::{Exit, Failure};
use crate::design::{Array, Design, engine_spec};
use crate::engine::parts::encoder::EncoderPorts;
use crate::engine::{self, Dataflow, EncoderPlace, Engine, Operand, StreamInfo};
use crate::mistake::Mistake;
use crate::notation::{BitWeight, Counts, Extents, Nest};

#[derive(Args, Debug)]
pub(super) struct Typed {
    /// Paths or shipped names
    #[arg(required = true)]
    designs: Vec<String>,
}

/// A nest and the transform that made it, `None` for the first one.
struct Stage {
    after: Option<String>,
    nest: Nest,
    counts: Counts,
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    let mut answers = Vec::new();
    for name in &typed.designs {
        let design = session.design(name)?;
        let engine = elaborate(&design)?;
        answers.push((stages(&design)?, design, engine));
    }
    if session.json {
        let designs: Vec<Value> =
            answers.iter().map(|(stages, design, engine)| as_json(stages, design, engine)).collect();
        session.answer_json(&json!({ "format_version": 1, "designs": designs }))?;
    } else {
        let texts: Vec<String> =
            answers.iter().map(|(stages, design, engine)| as_text(stages, design, engine)).collect();
        session.answer(&texts.join("\n"))?;
    }
    Ok(Exit::Done)
}

/// The engine of a design. What a user can get wrong was found when the design was read.
pub(super) fn elaborate(design: &Design) -> Result<Engine, Mistake> {
    Engine::elaborate(&engine_spec(design)).map_err(|error| defect(&design.name, &error))
}

fn stages(design: &Design) -> Result<Vec<Stage>, Mistake> {
    (0..=design.transforms.len())
        .map(|count| {
            let mut spec = engine_spec(design);
            spec.transforms.truncate(count);
            let (_, nest) = spec.nests().map_err(|error| defect(&design.name, &error))?;
            let counts = nest.counts(&one_tile(design));
            Ok(Stage { after: spec.transforms.last().cloned(), nest, counts })
        })
        .collect()
}

fn as_text(stages: &[Stage], design: &Design, engine: &Engine) -> String {
    let mut text = format!("# {}: {}\n# hash {}\n\n{}", design.name, design.summary(), design.hash(), design.to_toml());
    for stage in stages {
        let title = match &stage.after {
            None => "loop nest".to_owned(),
            Some(transform) => format!("after {transform}"),
        };
        text.push_str(&format!(
            "\n# {title}\n{}\n{}",
            stage.nest.to_string().trim_end(),
            counts_text(design, &stage.counts)
        ));
    }
    let modules: Vec<&str> = engine.netlist.modules.iter().map(|module| module.name.as_str()).collect();
    text.push_str(&format!("\n# {} modules: {}\n", modules.len(), modules.join(", ")));
    if let Some(last) = stages.last() {
        text.push_str(&format!(
            "# encoders: {}\n# {}\n",
            encoder_place(design, &last.counts),
            reads_text(&last.counts, design)
        ));
    }
    text.push_str("# streams:\n");
    for stream in engine.spec.streams() {
        text.push_str(&format!("#   {}\n", stream_text(&stream)));
    }
    for line in engine.law_text() {
        text.push_str(&format!("# {line}\n"));
    }
    text
}

/// Where operands become digits, and how many encoders that are.
fn encoder_place(design: &Design, counts: &Counts) -> String {
    let Array { kind, rows, cols, .. } = design.array;
    if let engine::Array::Laconic { lanes } = kind {
        // Its nest has a pair of loops over digits in each lane; what is built makes the digits where operands come in.
        return format!("{}, one for each operand of a step, at the edge of the array", (rows + cols) * lanes);
    }
    let spec = engine_spec(design);
    let Some(encoding) = design.encoding.kind else {
        return "none; the synthesiser chooses how `*` is built".to_owned();
    };
    let (name, format) = match design.encoding.operand {
        Operand::A => ("A", design.operands.a),
        Operand::B => ("B", design.operands.b),
    };
    // A comes in from the west, B from the north; where inputs stay, it is B that streams along the rows.
    let from_west = (design.encoding.operand == Operand::A) != (spec.dataflow() == Dataflow::InputStationary);
    let (heads, line) = if from_west { (rows, "row") } else { (cols, "column") };
    match spec.encoder_place() {
        EncoderPlace::Stored => {
            let bits = EncoderPorts::new(encoding, format.word_bits()).word_bits();
            format!(
                "none; an element of {name} is stored as {bits} bits of select lines in place of {}",
                format.stored_bits()
            )
        }
        EncoderPlace::Pe => each(counts.encoders, u64::from(rows * cols), "in each PE"),
        EncoderPlace::Edge => each(counts.encoders, heads.into(), &format!("at the head of each {line}")),
    }
}

/// `64, 4 at the head of each row`.
fn each(all: u64, places: u64, place: &str) -> String {
    match all / places.max(1) {
        1 => format!("{all}, one {place}"),
        several => format!("{all}, {several} {place}"),
    }
}

/// The dimension along which a tile takes its steps.
fn steps_of(design: &Design) -> &'static str {
    match engine_spec(design).dataflow() {
        Dataflow::OutputStationary => "K",
        Dataflow::WeightStationary => "M",
        Dataflow::InputStationary => "N",
    }
}

fn reads_text(counts: &Counts, design: &Design) -> String {
    let (dimension, Counts { a_words, b_words, .. }) = (steps_of(design), counts);
    let extent = match engine_spec(design).dataflow() {
        Dataflow::OutputStationary => STEPS * u64::from(design.array.kind.depth()),
        Dataflow::WeightStationary | Dataflow::InputStationary => STEPS,
    };
    // A row of B is read for every digit that is not zero.
    let digits = engine_spec(design).structure().map(|structure| structure.bit_weight);
    let at_most = if matches!(digits, Ok(BitWeight::Sparse { .. })) { "at most " } else { "" };
    format!("reads of a full tile, {dimension} = {extent}: {a_words} words of A, {at_most}{b_words} words of B")
}

fn stream_text(stream: &StreamInfo) -> String {
    let readers = if stream.readers == 1 { String::new() } else { format!(", {} readers", stream.readers) };
    let index = stream.index.as_ref().map_or(String::new(), |index| format!(", asked for by {index}"));
    format!("{} ({}{readers}{index}): {}", stream.name(), stream.fields.join(", "), stream.doc)
}

fn as_json(stages: &[Stage], design: &Design, engine: &Engine) -> Value {
    let nests: Vec<Value> = stages.iter().map(|stage| json!({ "after": stage.after, "nest": stage.nest.to_string(), "counts": counts_json(&stage.counts) })).collect();
    let modules: Vec<&str> = engine.netlist.modules.iter().map(|module| module.name.as_str()).collect();
    let streams: Vec<Value> = engine
        .spec
        .streams()
        .iter()
        .map(|stream| {
            json!({
                "name": stream.name(), "fields": stream.fields, "readers": stream.readers, "index": stream.index,
                "doc": stream.doc
            })
        })
        .collect();
    json!({
        "name": design.name, "hash": design.hash(), "toml": design.to_toml(), "nests": nests, "modules": modules,
        "reads": stages.last().map(|stage| {
            let (dimension, Counts { a_words: a, b_words: b, .. }) = (steps_of(design), &stage.counts);
            json!({ "steps": STEPS, "dimension": dimension, "a": a, "b": b })
        }),
        "streams": streams
    })
}

/// Steps of the temporal dimension in the tile whose reads are counted.
const STEPS: u64 = 256;

/// The array with one full tile on it, `STEPS` long.
fn one_tile(design: &Design) -> Extents {
    let (rows, cols) = (u64::from(design.array.rows), u64::from(design.array.cols));
    let depth = u64::from(design.array.kind.depth());
    let spec = engine_spec(design);
    // A full tile of kept places stands for more of K.
    let elements = |places: u64| spec.kept().map_or(places, |kept| kept.elements(places as usize) as u64);
    let bw = u64::from(spec.digit_slots());
    let other = if spec.encoded == Operand::A { spec.b_word_bits() } else { spec.a_word_bits() };
    let bv = spec.encoding.map_or(1, |kind| u64::from(kind.encoding().slots(other)));
    let whole = Extents { m: STEPS, n: STEPS, k: elements(rows), mp: 1, np: 1, kp: rows, bw, bv };
    match spec.dataflow() {
        Dataflow::OutputStationary => {
            Extents { m: rows, n: cols, k: STEPS * depth, mp: rows, np: cols, kp: depth, ..whole }
        }
        Dataflow::WeightStationary => Extents { n: cols, np: cols, ..whole },
        Dataflow::InputStationary => Extents { m: cols, mp: cols, ..whole },
    }
}

/// The hardware that a nest describes, name and count.
fn hardware(counts: &Counts) -> [(&'static str, u64); 7] {
    [
        ("pes", counts.pes),
        ("multipliers", counts.multipliers),
        ("encoders", counts.encoders),
        ("partial_products_per_pe", counts.partial_products_per_pe()),
        ("compressor_inputs_per_pe", counts.compressor_inputs_per_pe),
        ("adders_per_pe", counts.adders_per_pe),
        ("drain_adders", counts.drain_adders),
    ]
}

fn counts_text(design: &Design, counts: &Counts) -> String {
    if let engine::Array::Laconic { lanes } = design.array.kind {
        // Digits of radix 2 need no multiplier, and its encoders are shared although its nest does not say so.
        let all = lanes * design.array.rows * design.array.cols;
        return format!("# {all} lanes, an exponent adder and a decoder each\n");
    }
    let parts: Vec<String> = hardware(counts)
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| {
            format!("{count} {}", name.replace('_', " ").replace("pes", "PEs").replace("per pe", "per PE"))
        })
        .collect();
    format!("# {}\n", parts.join(", "))
}

fn counts_json(counts: &Counts) -> Value {
    hardware(counts)
        .iter()
        .map(|&(name, count)| (name.to_owned(), Value::from(count)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::Override;

    fn design(name: &str, overrides: &[&str]) -> Design {
        let overrides: Vec<Override> = overrides.iter().map(|&text| Override(text.to_owned())).collect();
        Design::load(name, &overrides).expect("a design")
    }

    /// What is said of the encoders of a design, and of the words that it reads.
    fn said(name: &str, overrides: &[&str]) -> [String; 2] {
        let design = design(name, overrides);
        let counts = stages(&design).expect("nests").pop().expect("a nest").counts;
        [encoder_place(&design, &counts), reads_text(&counts, &design)]
    }

    #[test]
    fn encoders_stand_where_their_operand_comes_in() {
        let place = |name: &str, operand: &str| said(name, &[&format!("encoding.operand={operand}")])[0].clone();
        assert_eq!(place("ent-os-4x4", "a"), "4, one at the head of each row");
        assert_eq!(place("ent-os-4x4", "b"), "4, one at the head of each column");
        // Where A stays, it is B that comes in from the west.
        assert_eq!(place("ent-is-4x4", "b"), "4, one at the head of each row");
        assert_eq!(said("pragmatic-4x4", &[])[0], "16, 4 at the head of each row");
        // 3 rows and 5 columns of 2 lanes.
        let laconic = said("laconic-4x4", &["array.rows=3", "array.cols=5", "array.lanes=2"]);
        assert_eq!(laconic[0], "16, one for each operand of a step, at the edge of the array");
    }

    #[test]
    fn stored_operands_are_as_wide_as_their_select_lines() {
        // A line for each bit, and the sign of the top one. A uint8 is a two's complement word of 9 bits.
        let signed = said("opt4c-stored-4x4", &["encoding.kind=twos-complement"]);
        assert_eq!(signed[0], "none; an element of A is stored as 9 bits of select lines in place of 8");
        let unsigned = said("opt4c-stored-4x4", &["encoding.kind=twos-complement", "operands.a=uint8"]);
        assert_eq!(unsigned[0], "none; an element of A is stored as 10 bits of select lines in place of 8");
    }

    #[test]
    fn a_tile_where_inputs_stay_reads_them_once_and_streams_the_others() {
        let rectangle = ["array.rows=2", "array.cols=3"];
        assert_eq!(said("mac-is-4x4", &rectangle)[1], "reads of a full tile, N = 256: 6 words of A, 512 words of B");
        assert_eq!(said("mac-ws-4x4", &rectangle)[1], "reads of a full tile, M = 256: 512 words of A, 6 words of B");
        assert_eq!(said("mac-os-4x4", &rectangle)[1], "reads of a full tile, K = 256: 512 words of A, 768 words of B");
    }

    #[test]
    fn the_second_bit_weight_loop_has_the_digits_of_the_other_operand() {
        let extents = |overrides: &[&str]| one_tile(&design("laconic-4x4", overrides));
        let of = |extents: Extents| (extents.bw, extents.bv);
        assert_eq!(of(extents(&["operands.a=int8", "operands.b=int4"])), (8, 4));
        assert_eq!(of(extents(&["operands.a=uint4", "operands.b=int8"])), (5, 8));
    }
}
