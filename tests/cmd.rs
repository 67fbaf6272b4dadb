//! Command lines with their output, in `tests/cmd` and in README.md. `TRYCMD=overwrite` writes the outputs anew.

#[test]
fn command_lines_print_what_is_written_down() {
    let cases = trycmd::TestCases::new();
    cases.env("NO_COLOR", "1").case("tests/cmd/*.trycmd").case("README.md");
    cases.run();
}
