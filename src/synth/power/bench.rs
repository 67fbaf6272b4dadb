//! The bundle's own test bench, made fit for gates: inputs change after the rising edge as those of a register would, and
//! outputs are looked at before the next one; changes are written out from the end of the reset to the last result.

/// When inputs change after the rising edge, and outputs are looked at before the next one, in shares of the period.
const MARGIN: f64 = 0.01;

/// The text of the bench.
///
/// # Errors
/// A sentence with what the bench of this version does not have.
pub(super) fn for_gates(bench: &str, period_ps: u64) -> Result<String, String> {
    let margin = ((period_ps as f64 * MARGIN) as u64).max(1);
    let rest = period_ps.saturating_sub(2 * margin);
    let probe = "        c_ready = !c_ready;\n        #2;\n        c_offered = c_valid;\n        c_ready = !c_ready;\n        #2;\n";
    let replacements = [
        ("#5 clk", format!("#({period_ps}.0 / 2) clk")),
        // That valid does not wait for ready has been shown of the same netlist; here it would only be a glitch more.
        (probe, format!("        #{rest};\n        c_offered = c_valid;\n")),
        ("@(negedge clk);", format!("@(posedge clk); #{margin};")),
        ("running = quiet < 80;", "running = 1'b0;".to_owned()),
        (
            "      rst_n = 1'b1;\n",
            "      rst_n = 1'b1;\n      $dumpfile(\"/dev/./stderr\");\n      $dumpvars(1, u_dut);\n".to_owned(),
        ),
    ];
    let mut text = bench.to_owned();
    for (old, new) in replacements {
        if !text.contains(old) {
            return Err(format!("the test bench has no `{}`", old.trim()));
        }
        text = text.replace(old, &new);
    }
    Ok(format!("`timescale 1ps/100fs\n{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bench_of_another_form_is_refused() {
        assert!(for_gates("initial begin\n#5 clk = !clk;", 2000).is_err());
    }
}
