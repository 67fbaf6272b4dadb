//! A cycle-by-cycle bench for small netlists: prints the Verilog, lints it, runs it under Icarus, compares every output.

use bitweight::emit::verilog;
use bitweight::netlist::{Direction, Netlist, Port};
use bitweight::verify::{Talk, Tool, Toolbox, lint, run};
use std::fmt::Write;
use std::sync::OnceLock;

/// A small generator of test values (splitmix64).
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Rng(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// The tools of this machine; missing ones are named once, or are a failure if `BITWEIGHT_REQUIRE_TOOLS` is 1.
pub fn toolbox() -> &'static Toolbox {
    static TOOLBOX: OnceLock<Toolbox> = OnceLock::new();
    TOOLBOX.get_or_init(|| {
        let found = Toolbox::discover();
        let required = std::env::var("BITWEIGHT_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
        for tool in Tool::ALL.into_iter().filter(|&tool| !found.has(tool)) {
            assert!(!required || !tool.is_required(), "`{}` ({tool}) is not installed", tool.program());
            println!("skipped: `{}` ({tool}) is not installed", tool.program());
        }
        found
    })
}

/// One netlist, the inputs of every cycle and the outputs expected before its clock edge.
pub struct Bench<'a> {
    netlist: &'a Netlist,
    what: String,
    stimulus: Vec<String>,
    expected: Vec<Vec<Vec<Option<u64>>>>,
}

/// Words of equal width, lane 0 least significant, as binary digits.
fn binary(words: &[u64], width: u32) -> String {
    words.iter().rev().map(|word| format!("{word:0width$b}", width = width as usize)).collect()
}

impl<'a> Bench<'a> {
    pub fn new(netlist: &'a Netlist, what: &str) -> Self {
        Bench { netlist, what: what.to_owned(), stimulus: Vec::new(), expected: Vec::new() }
    }

    fn ports(&self, direction: Direction) -> Vec<&Port> {
        self.netlist.top_module().ports.iter().filter(|port| port.direction == direction).collect()
    }

    /// One cycle: a slice of lanes for each input port; lanes for each output port, `None` where the value is not known.
    pub fn cycle(&mut self, inputs: &[&[u64]], outputs: impl Iterator<Item = Vec<Option<u64>>>) {
        let top = self.netlist.top_module();
        let ports = self.ports(Direction::Input);
        assert_eq!(ports.len(), inputs.len());
        let bits = ports.iter().zip(inputs).map(|(port, words)| binary(words, top.net(port.net).width));
        let line: String = bits.collect();
        self.stimulus.push(line);
        self.expected.push(outputs.collect());
    }

    /// Lints with all tools there are, simulates with Icarus, compares.
    pub fn run(self) {
        let top = self.netlist.top_module();
        let files = verilog(self.netlist, &["Made by a test.".to_owned()]).expect("printable");
        let directory = tempfile::tempdir().expect("a temporary directory");
        let here = directory.path();
        std::fs::create_dir(here.join("rtl")).expect("a directory");
        for file in &files {
            std::fs::write(here.join(&file.path), &file.text).expect("a file");
        }
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let text = || files.iter().map(|file| file.text.as_str()).collect::<Vec<_>>().join("\n");
        for (tool, _) in toolbox().found() {
            if let Err(error) = lint(*tool, here, &paths, &top.name) {
                panic!("{}: {tool}: {error}\n{}", self.what, text());
            }
        }
        if !toolbox().has(Tool::Icarus) {
            return;
        }
        std::fs::write(here.join("bench.sv"), self.bench()).expect("a file");
        std::fs::write(here.join("stimulus.bin"), self.stimulus.join("\n")).expect("a file");
        let mut arguments = vec!["-g2012", "-Wall", "-o", "bench.vvp", "bench.sv"];
        arguments.extend(&paths);
        run("iverilog", &arguments, here, Talk::Silent).unwrap_or_else(|error| panic!("{error}\n{}", text()));
        let log = run("vvp", &["-n", "bench.vvp"], here, Talk::Free).unwrap_or_else(|error| panic!("{error}"));
        let lines: Vec<&str> = log.lines().collect();
        assert_eq!(lines.len(), self.expected.len(), "{}: {log}", self.what);
        for (cycle, (line, expected)) in lines.iter().zip(&self.expected).enumerate() {
            let mut rest = *line;
            for (port, lanes) in self.ports(Direction::Output).iter().zip(expected) {
                let net = top.net(port.net);
                assert_eq!(lanes.len(), net.lanes as usize);
                for (lane, value) in lanes.iter().enumerate().rev() {
                    let (digits, further) = rest.split_at(net.width as usize);
                    rest = further;
                    if let Some(value) = value {
                        let wanted = binary(&[*value], net.width);
                        assert_eq!(digits, wanted, "{}: cycle {cycle}, {}[{lane}]\n{}", self.what, net.name, text());
                    }
                }
            }
            assert!(rest.is_empty());
        }
    }

    fn bench(&self) -> String {
        let top = self.netlist.top_module();
        let printed = verilog(self.netlist, &[]).expect("printable");
        let text = &printed.last().expect("a top").text;
        let (mut wires, mut connections) = (String::new(), Vec::new());
        for port in &top.ports {
            let net = top.net(port.net);
            let kind = if port.direction == Direction::Input { "reg" } else { "wire" };
            let _ = writeln!(wires, "  {kind} [{}:0] {};", net.width * net.lanes - 1, net.name);
            connections.push(net.name.clone());
        }
        for implicit in ["clk_i", "rst_ni", "rst_i"] {
            if text.contains(&format!("wire {implicit}")) || text.contains(&format!(" {implicit},")) {
                connections.push(implicit.to_owned());
            }
        }
        let connections: Vec<String> = connections.iter().map(|name| format!(".{name}({name})")).collect();
        let names = |direction| {
            let names: Vec<&str> = self.ports(direction).iter().map(|port| top.net(port.net).name.as_str()).collect();
            format!("{{{}}}", names.join(", "))
        };
        let (inputs, outputs) = (names(Direction::Input), names(Direction::Output));
        let bits = self.stimulus[0].len();
        let cycles = self.stimulus.len();
        format!(
            "module bench;\n  reg clk_i = 0;\n  reg rst_ni = 0;\n  reg rst_i = 1;\n{wires}\
             \n  reg [{}:0] stimulus [0:{}];\n  integer cycle;\n  {} dut ({});\n  initial begin\
             \n    $readmemb(\"stimulus.bin\", stimulus);\n    {inputs} = stimulus[0];\
             \n    #1 clk_i = 1; #1 clk_i = 0; #1 clk_i = 1; #1 clk_i = 0;\
             \n    rst_ni = 1; rst_i = 0;\
             \n    for (cycle = 0; cycle < {cycles}; cycle = cycle + 1) begin\
             \n      {inputs} = stimulus[cycle];\n      #1 $display(\"%b\", {outputs});\n      #1 clk_i = 1; #1 clk_i = 0;\
             \n    end\n    $finish(0);\n  end\nendmodule\n",
            bits - 1,
            cycles - 1,
            top.name,
            connections.join(", ")
        )
    }
}
