//! What can keep a design from being synthesised.

/// Codes with the pages that `explain` prints.
pub fn error_codes() -> &'static [(&'static str, &'static str)] {
    &[
        (
            "synth::missing_tool",
            "`synth` runs Yosys and OpenSTA, which have to be on the path under the names `yosys` and `sta`. On Debian: \
             `apt-get install yosys opensta`.",
        ),
        (
            "synth::cannot_read",
            "The Liberty file of `--liberty` could not be read or unpacked; the message has the system's reason. Files that end \
             in `.gz` are unpacked with gzip, at most 512 MiB.",
        ),
        (
            "synth::bad_liberty",
            "The file of `--liberty` is no Liberty library, or is not whole: the message names the line. It begins with \
             `library (NAME) {`, and every group is closed. A library whose delays give a period of 0 or less is no better.",
        ),
        (
            "synth::lacks_cells",
            "A netlist needs inverters, buffers, rising-edge flip-flops and cells for the constants 0 and 1, and the library has \
             none that may be used. Cells marked `dont_use`, tri-states, clock buffers, clock gates, latches, scan flip-flops and \
             cells of several outputs are never used; `docs/synthesis.md` lists the rules.",
        ),
        (
            "synth::tool_failed",
            "A tool ended badly, or its log has a line with `Error`: OpenSTA ends with code 0 whatever happened, so every log is \
             read. The message has the line and the path of the whole log; the scripts lie beside it.",
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
