//! Yosys proves the Verilog that we print equal to what rust-hdl prints of the golden leaves.
//!
//! Encoders and the compressor are proven over all inputs; the PEs of 4-bit operands over all inputs and all states that can be
//! reached from registers at 0, by temporal induction. Full-size PEs are beyond a SAT solver's patience (adders in another
//! order): those are compared on all pairs of operands in `leaves`.

use std::path::Path;
use std::process::Command;

use bitweight::emit;
use bitweight::encoding::EncodingKind;
use bitweight::netlist::Netlist;
use rust_hdl::prelude::*;

use crate::golden::{Booth4Encoder, EnTEncoder, NarrowPe, Sum16};
use crate::leaves::{engine, engine_of, leaf};

/// Whether proofs can run; says what is skipped, or fails where tools are required.
fn yosys_is_there() -> bool {
    let there = Command::new("yosys").arg("-V").output().is_ok_and(|output| output.status.success());
    if !there {
        assert!(std::env::var_os("BITWEIGHT_REQUIRE_TOOLS").is_none(), "yosys is required and not installed");
        println!("skipped: proofs need `yosys`");
    }
    there
}

/// One proof: two modules and a miter, a module with the one-bit output `equal`.
struct Proof<'a> {
    ours: &'a Netlist,
    /// Registers of ours that the miter looks at.
    exposed: &'a [&'a str],
    golden: String,
    miter: &'a str,
    /// Whether states matter.
    sequential: bool,
}

impl Proof<'_> {
    /// Whether Yosys proves `equal`, with `mistake` replaced in our Verilog if there is one.
    fn holds(&self, mistake: Option<(&str, &str)>) -> bool {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let files = emit::verilog(self.ours, &[]).unwrap_or_else(|error| panic!("{error}"));
        let mut modules: Vec<String> = files.into_iter().map(|file| file.text).collect();
        if let (Some((right, wrong)), Some(top)) = (mistake, modules.last_mut()) {
            assert!(top.contains(right), "nothing to get wrong: no `{right}` in {top}");
            *top = top.replacen(right, wrong, 1);
        }
        let verilog = modules.concat();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file of our own");
        write("ours.v", &verilog);
        write("golden.v", &self.golden);
        write("miter.v", self.miter);
        let top = &self.ours.top_module().name;
        let expose: Vec<String> = self.exposed.iter().map(|register| format!("w:{register}")).collect();
        let expose = if expose.is_empty() { String::new() } else { format!("expose {}\n", expose.join(" ")) };
        let sat = if self.sequential { "-tempinduct -set-init-zero" } else { "" };
        let script = format!(
            "read_verilog golden.v\nhierarchy -top top\nproc\nflatten\nrename top golden\nsetattr -unset init golden/w:*\n\
             design -stash golden\nread_verilog ours.v\nhierarchy -top {top}\nproc\nflatten\n{expose}rename {top} ours\n\
             design -copy-from golden golden\nread_verilog miter.v\nhierarchy -top miter\nproc\nflatten\nasync2sync\n\
             opt -full\nsat {sat} -prove equal 1 -verify miter\n"
        );
        write("prove.ys", &script);
        yosys(folder.path())
    }
}

fn yosys(folder: &Path) -> bool {
    let output = Command::new("yosys").args(["-s", "prove.ys"]).current_dir(folder).output().expect("yosys is there");
    let log = String::from_utf8_lossy(&output.stdout);
    // Anything but a proof or a counterexample is a defect of this test.
    let errors = String::from_utf8_lossy(&output.stderr);
    let (proven, refuted) = (output.status.success(), errors.contains("Called with -verify and proof did fail!"));
    assert!(proven || refuted, "yosys decided nothing:\n{log}\n{errors}");
    proven
}

const ENCODER_MITER: &str = "module miter(input [7:0] x, output equal);
       wire [3:0] g1, g2, gn, o1, o2, on;
       golden g(.x(x), .one(g1), .two(g2), .neg(gn));
       ours o(.x_i(x), .one_o(o1), .two_o(o2), .neg_o(on));
       assign equal = {g1, g2, gn} == {o1, o2, on};
     endmodule
    ";

#[test]
fn yosys_proves_the_printed_encoders_equal_to_the_golden_ones() {
    if !yosys_is_there() {
        return;
    }
    let (mut booth, mut en_t) = (Booth4Encoder::default(), EnTEncoder::default());
    booth.connect_all();
    en_t.connect_all();
    for (kind, golden, mistake) in [
        (EncodingKind::Booth4, generate_verilog(&booth), (" & ", " | ")),
        (EncodingKind::EnT, generate_verilog(&en_t), (" ^ ", " | ")),
    ] {
        let ours = leaf(&engine(false, kind).netlist, "_encoder_");
        let proof = Proof { ours: &ours, exposed: &[], golden, miter: ENCODER_MITER, sequential: false };
        assert!(proof.holds(None), "{kind:?}");
        assert!(!proof.holds(Some(mistake)), "{kind:?} with a mistake");
    }
}

#[test]
fn yosys_proves_that_the_printed_compressor_keeps_the_sum() {
    if !yosys_is_there() {
        return;
    }
    let ours = leaf(&engine(false, EncodingKind::Booth4).netlist, "_compressor_");
    let mut golden = Sum16::default();
    golden.connect_all();
    let miter = "module miter(input [8:0] p0, p1, p2, p3, input [3:0] neg, output equal);
       wire [15:0] total, s; wire [14:0] c;
       golden g(.pp0(p0), .pp1(p1), .pp2(p2), .pp3(p3), .neg(neg), .total(total));
       ours o(.pp0_i(p0), .pp1_i(p1), .pp2_i(p2), .pp3_i(p3), .neg_i(neg), .sum_o(s), .carry_o(c));
       assign equal = total == s + {c, 1'b0};
     endmodule
    ";
    let proof = Proof { ours: &ours, exposed: &[], golden: generate_verilog(&golden), miter, sequential: false };
    assert!(proof.holds(None));
    assert!(!proof.holds(Some((" & ", " | "))), "a wrong carry");
    assert!(!proof.holds(Some(("~", ""))), "a lost sign");
}

#[test]
fn yosys_proves_the_printed_narrow_pes_equal_to_the_golden_one_in_all_states() {
    if !yosys_is_there() {
        return;
    }
    let mut golden = NarrowPe::default();
    golden.connect_all();
    let head = "module miter(input clk, advance, valid, first, last, input [3:0] a, b, input shift,
       input [9:0] drain_s, input [8:0] drain_c, output equal);
       wire gv, gf, gl, gc, ov, of, ol, oc; wire [3:0] ga, gb, oa, ob; wire [9:0] gd, gs, od, os; wire [8:0] odc, oc2;
       golden g(.clock(clk), .advance(advance), .valid(valid), .first(first), .last(last), .a(a), .b(b), .shift(shift),
         .drain(drain_s + {drain_c, 1'b0}), .valid_out(gv), .first_out(gf), .last_out(gl), .a_out(ga), .b_out(gb),
         .drain_out(gd), .sum_out(gs), .capture_out(gc));
       wire same = {gv, gf, gl, gc, ga, gb} == {ov, of, ol, oc, oa, ob};
       ours o(.clk_i(clk), .rst_ni(1'b1), .advance_i(advance), .valid_i(valid), .first_i(first), .last_i(last),
         .a_i(a), .b_i(b), .shift_i(shift), .valid_o(ov), .first_o(of), .last_o(ol), .a_o(oa), .b_o(ob), .capture_q(oc),
    ";
    let mac = format!(
        "{head} .drain_acc_i(drain_s + {{drain_c, 1'b0}}), .drain_acc_o(od), .acc_q(os));
       assign equal = same && gs == os && gd == od;
     endmodule\n"
    );
    let opt1 = format!(
        "{head} .drain_sum_i(drain_s), .drain_carry_i(drain_c), .drain_sum_o(od), .drain_carry_o(odc),
         .sum_q(os), .carry_q(oc2));
       assign equal = same && gs == os + {{oc2, 1'b0}} && gd == od + {{odc, 1'b0}};
     endmodule\n"
    );
    let cases = [
        (false, mac, vec!["acc_q", "capture_q"], ("~first_q", "first_q")),
        (true, opt1, vec!["sum_q", "carry_q", "capture_q"], (" & ", " | ")),
    ];
    for (carry_save, miter, exposed, mistake) in cases {
        let ours = leaf(&engine_of(carry_save, EncodingKind::Booth4, 4, 10).netlist, "_pe_");
        let golden = generate_verilog(&golden);
        let proof = Proof { ours: &ours, exposed: &exposed, golden, miter: &miter, sequential: true };
        assert!(proof.holds(None), "carry-save {carry_save}");
        assert!(!proof.holds(Some(mistake)), "carry-save {carry_save} with a mistake");
    }
}
