//! What can keep a design from being synthesised.

/// Codes with the pages that `explain` prints.
pub fn error_codes() -> &'static [(&'static str, &'static str)] {
    &[
        (
            "synth::missing_tool",
            "`synth` runs Yosys and OpenSTA, which have to be on the path under the names `yosys` and `sta`, and for energies Icarus \
             Verilog (`iverilog`). On Debian: `apt-get install yosys opensta iverilog`.",
        ),
        (
            "synth::lacks_cells",
            "A netlist needs buffers and cells for the constants 0 and 1 beside what every process needs, and the library has none that may \
             be used; `docs/processes.md` says which cells are.",
        ),
        (
            "synth::tool_failed",
            "A tool ended badly, or its log has a line with `Error`: OpenSTA ends with code 0 whatever happened, so every log is \
             read. The message has the line and the path of the whole log; the scripts lie beside it.",
        ),
        ("synth::no_period", "The smallest period came out as 0 or less: the delays of the library cannot be right."),
        (
            "synth::wrong_values",
            "The mapped netlist was simulated with the delays of its cells, and a result was not what arithmetic demands. Most likely the \
             clock is too short for a path from an input or to an output, which the smallest period does not count: it is that from \
             flip-flop to flip-flop. No energy is given of a netlist that computes wrong.",
        ),
        (
            "synth::no_register_path",
            "Nothing leads from a flip-flop to a flip-flop, so no clock period can be measured.",
        ),
        (
            "synth::cannot_write",
            "A script or a netlist could not be written into the folder of the run; the message has the system's reason.",
        ),
    ]
}
