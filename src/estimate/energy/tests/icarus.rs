//! The simulator against Icarus on the same cells with the same delays: every change of every net.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::engines::{Ran, run, spec};
use crate::engine::{Array, Dataflow};
use crate::estimate::energy::When;
use crate::estimate::energy::recording::bits;
use crate::estimate::energy::waves::{Counts, LANES, Scratch, Waves};
use crate::estimate::process::Function;

/// The period, ticks: more than anything takes.
const PERIOD: u64 = 100_000;
/// When inputs change, ticks after the clock edge.
const INPUTS_AT: u32 = 200;

/// Whether Icarus is there; says so if not, or fails if it is required.
fn has_icarus() -> bool {
    let there = Command::new("iverilog").arg("-V").output().is_ok();
    assert!(there || std::env::var_os("BITWEIGHT_REQUIRE_TOOLS").is_none(), "`iverilog` is required");
    if !there {
        println!("skipped: no Icarus Verilog");
    }
    there
}

/// A primitive of a function, case by case.
fn primitive(name: &str, function: Function) -> String {
    let pins: Vec<String> = (0..function.inputs()).map(|pin| format!("i{pin}")).collect();
    let pins = pins.join(", ");
    let mut text = format!("primitive {name} (o, {pins});\n  output o;\n  input {pins};\n  table\n");
    for case in 0..1usize << function.inputs() {
        let row: Vec<String> = (0..function.inputs()).map(|pin| (case >> pin & 1).to_string()).collect();
        let _ = writeln!(text, "    {} : {};", row.join(" "), u8::from(function.value(case)));
    }
    text + "  endtable\nendprimitive\n"
}

/// The cells as Verilog; values of flip-flops and inputs come from a file, a line a cycle.
fn verilog(ran: &Ran, frames: usize) -> String {
    let (circuit, electric) = (&ran.plan.circuit, &ran.plan.electric);
    let mut text = String::from("`timescale 1ps/1ps\n");
    let mut kinds: BTreeMap<u32, Function> = BTreeMap::new();
    for gate in &circuit.gates {
        kinds.insert(gate.cell, ran.process.cells()[gate.cell as usize].outputs[0].function);
    }
    kinds.iter().for_each(|(cell, function)| text += &primitive(&format!("prim{cell}"), *function));
    let (registers, inputs) = (circuit.flip_flops.len(), circuit.given.len());
    let width = registers + inputs;
    let _ = writeln!(
        text,
        "module t;\n  reg [{}:0] frames [0:{}];\n  reg [{}:0] s;\n  reg [{}:0] in;\n  integer frame;",
        width - 1,
        frames - 1,
        registers - 1,
        inputs - 1
    );
    text.extend((0..circuit.nets).map(|net| format!("  wire n{net};\n")));
    text += "  assign n0 = 1'b0;\n  assign n1 = 1'b1;\n";
    for (index, (flip_flop, at)) in circuit.flip_flops.iter().zip(&electric.flip_flops).enumerate() {
        let _ = writeln!(text, "  assign #({}, {}) n{} = s[{index}];", at[1], at[0], flip_flop.q);
    }
    for (index, given) in circuit.given.iter().enumerate() {
        let _ = writeln!(text, "  assign n{} = in[{index}];", given.net);
    }
    for (index, (gate, delays)) in circuit.gates.iter().zip(&electric.gates).enumerate() {
        let mut words = Vec::new();
        for (pin, (net, later)) in gate.reads().iter().zip(delays.later).enumerate() {
            if later == 0 {
                words.push(format!("n{net}"));
            } else {
                let _ = writeln!(text, "  wire p{index}_{pin}; assign #({later}) p{index}_{pin} = n{net};");
                words.push(format!("p{index}_{pin}"));
            }
        }
        let (to, words) = (delays.to, words.join(", "));
        let _ = writeln!(text, "  prim{} #({}, {}) g{index} (n{}, {words});", gate.cell, to[1], to[0], gate.output);
    }
    let _ = writeln!(
        text,
        "  initial begin\n    $readmemb(\"frames.txt\", frames);\n    {{in, s}} = frames[0];\n    #{PERIOD};\n    \
         $dumpfile(\"/dev/./stdout\");\n    $dumpvars(1, t);\n    for (frame = 1; frame < {frames}; frame = frame + 1) begin\n      \
         s = frames[frame][{}:0];\n      #{INPUTS_AT};\n      in = frames[frame][{}:{registers}];\n      #({PERIOD} - {INPUTS_AT});\n    end\n    \
         $finish(0);\n  end\nendmodule",
        registers - 1,
        width - 1
    );
    text
}

/// Rises and falls of every net, from the changes that a simulation wrote.
fn counted(vcd: &str, nets: usize) -> (Vec<u32>, Vec<u32>) {
    let mut names: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut values = vec![b'x'; nets];
    let (mut rises, mut falls) = (vec![0; nets], vec![0; nets]);
    for line in vcd.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let ["$var", _, "1", code, name, ..] = words[..] {
            if let Some(net) = name.strip_prefix('n').and_then(|net| net.parse::<usize>().ok()) {
                names.entry(code).or_default().push(net);
            }
        } else if let Some(code) = line.strip_prefix(['0', '1']) {
            let value = line.as_bytes()[0];
            for &net in names.get(code).into_iter().flatten() {
                match (std::mem::replace(&mut values[net], value), value) {
                    (b'0', b'1') => rises[net] += 1,
                    (b'1', b'0') => falls[net] += 1,
                    _ => {}
                }
            }
        }
    }
    (rises, falls)
}

fn by_icarus(ran: &Ran, folder: &Path, frames: &[&[u64]]) -> (Vec<u32>, Vec<u32>) {
    let circuit = &ran.plan.circuit;
    let mut lines = String::new();
    for frame in frames {
        let places = circuit.flip_flops.iter().map(|flip_flop| flip_flop.value);
        let places: Vec<_> = places.chain(circuit.given.iter().map(|given| given.value)).collect();
        // The highest bit comes first.
        lines.extend(places.iter().rev().map(|&place| if bits(&[Some(frame)], place) == 1 { '1' } else { '0' }));
        lines.push('\n');
    }
    std::fs::write(folder.join("frames.txt"), lines).expect("a writable folder");
    std::fs::write(folder.join("t.v"), verilog(ran, frames.len())).expect("a writable folder");
    let compiled = Command::new("iverilog").args(["-g2012", "-o", "t.vvp", "t.v"]).current_dir(folder).output();
    let compiled = compiled.expect("it was there before");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let ran_out = Command::new("vvp").args(["-n", "t.vvp"]).current_dir(folder).stdin(Stdio::null()).output();
    let text = String::from_utf8_lossy(&ran_out.expect("it comes with iverilog").stdout).into_owned();
    counted(&text, circuit.nets as usize)
}

#[test]
fn every_net_changes_as_often_as_icarus_says() {
    if !has_icarus() {
        return;
    }
    let specs = [
        spec(Array::Systolic(Dataflow::OutputStationary), &[], 2),
        spec(Array::AdderTree { depth: 2 }, &["compress-accumulate"], 2),
    ];
    for spec in specs {
        let ran = run(&spec, 8);
        let circuit = &ran.plan.circuit;
        assert!(circuit.given.iter().all(|given| given.when == When::Input), "all of it is there");
        let frames: Vec<&[u64]> = (0..).map_while(|frame| ran.recording.frame(frame)).collect();
        assert!(frames.len() > 20);
        let cycles: Vec<u32> = (0..frames.len() as u32 - 1).collect();
        let waves = Waves::new(circuit, &ran.plan.electric, &ran.process);
        let (mut counts, mut scratch) = (Counts::new(&waves), Scratch::default());
        for group in cycles.chunks(LANES) {
            ran.plan.run(&waves, &ran.recording, group, INPUTS_AT, &mut scratch, &mut counts).expect("it is right");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let (rises, falls) = by_icarus(&ran, folder.path(), &frames);
        let (ours, theirs) = (&counts.timed, (rises, falls));
        let all: u64 = ours.rises.iter().chain(&ours.falls).map(|&count| u64::from(count)).sum();
        let settled: u64 =
            counts.settled.rises.iter().chain(&counts.settled.falls).map(|&count| u64::from(count)).sum();
        assert!(all > 5_000 && all * 10 > settled * 11, "{all} changes, {settled} without delays");
        let differs =
            |net: usize| u64::from(ours.rises[net].abs_diff(theirs.0[net]) + ours.falls[net].abs_diff(theirs.1[net]));
        let off: u64 = (0..circuit.nets as usize).map(differs).sum();
        // Where a change of an input and the change of the output that it would call back come in the same tick, the order is
        // open: both simulators may choose theirs.
        println!("{:?}: {all} changes, {off} otherwise", spec.array);
        assert!(off * 1000 <= all, "{off} of {all} changes are otherwise");
    }
}
