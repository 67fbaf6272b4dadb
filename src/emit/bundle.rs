//! The bundle: everything a stranger needs to read, lint, simulate and synthesise the engine with the tools they have.

use crate::emit::{EmitError, EmittedFile, project, readme, test_bench, vectors, verilog};
use crate::engine::{StreamInfo, Traffic};
use crate::netlist::wiring::mask;
use crate::netlist::{Direction, Netlist};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::io;
use std::path::{Component, Path};

/// Lists the other files, with their digests; the last file of a bundle.
const MANIFEST: &str = "manifest.json";

/// What the bundle says of the design beyond its netlist.
#[derive(Clone, Debug, PartialEq)]
pub struct BundleInfo {
    /// The design's name, kebab case.
    pub design: String,
    /// Hash of the resolved design.
    pub hash: String,
    /// Name and version of the tool, e.g. `bitweight 0.1.0`.
    pub tool: String,
    /// The command that makes the bundle again.
    pub regenerate: String,
    /// What the engine is, in a sentence or two.
    pub summary: Vec<String>,
    /// Operand, encoding and accumulator formats, a line each.
    pub formats: Vec<String>,
    /// Latency and rate in cycles, a line each.
    pub law: Vec<String>,
    /// Clock period that the constraints ask for, in ns.
    pub clock_period_ns: f64,
    /// The streams of the top module, in port order.
    pub streams: Vec<StreamInfo>,
}

/// One run of the test bench, from reset to the last result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestCase {
    /// What it is, for whoever reads a failure; ASCII.
    pub name: String,
    /// Beats and offer pattern of each stream, in the order of [`BundleInfo::streams`]. Beats of an output stream are the
    /// expected ones.
    pub streams: Vec<Traffic>,
    /// Edges from the first accepted operand to the last accepted result, both included.
    pub cycles: u64,
}

/// The files of a bundle, in order of path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Name of the top module.
    pub top: String,
    /// Every file.
    pub files: Vec<EmittedFile>,
}

impl Bundle {
    /// Paths of the RTL, leaf first.
    pub fn rtl(&self) -> Vec<&str> {
        self.files.iter().map(|file| file.path.as_str()).filter(|path| path.starts_with("rtl/")).collect()
    }

    /// The file at `path`.
    pub fn file(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }

    /// Bytes of all files but the vectors.
    pub fn bytes_without_vectors(&self) -> usize {
        self.files.iter().filter(|file| !file.path.starts_with("tb/vectors/")).map(|file| file.text.len()).sum()
    }

    /// Writes the files below `directory`. Each appears whole or not at all. Files of the bundle that is there, by its manifest, are
    /// replaced or removed; no other file is touched.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] before anything is written, if a file that is no part of a bundle is in the way; whatever
    /// the file system says.
    pub fn write(&self, directory: &Path) -> io::Result<()> {
        let older = files_of_bundle(directory);
        let is_equal =
            |file: &EmittedFile| std::fs::read(directory.join(&file.path)).is_ok_and(|old| old == file.text.as_bytes());
        let is_foreign =
            |file: &&EmittedFile| !older.contains(&file.path) && directory.join(&file.path).exists() && !is_equal(file);
        if let Some(file) = self.files.iter().find(is_foreign) {
            let why = format!("`{}` is there already, and is of no bundle", directory.join(&file.path).display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
        }
        // The manifest first: a run that is killed leaves no file that it does not list.
        for file in self.files.iter().rev().filter(|file| !is_equal(file)) {
            let path = directory.join(&file.path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            let mut partial = path.clone().into_os_string();
            partial.push(".partial");
            std::fs::write(&partial, &file.text)?;
            std::fs::rename(&partial, &path)?;
        }
        for path in older.iter().filter(|path| self.file(path).is_none()) {
            match std::fs::remove_file(directory.join(path)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The files of the bundle in `directory`, as its manifest lists them, and the manifest; none if there is no bundle.
fn files_of_bundle(directory: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(directory.join(MANIFEST)).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let is_ours = manifest["tool"].as_str().is_some_and(|tool| tool.starts_with("bitweight "));
    let listed = manifest["sha256"].as_object().filter(|_| is_ours);
    // A manifest that somebody has changed must not lead out of its folder.
    let is_inside = |path: &&String| Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    let mut files: BTreeSet<String> = listed.iter().flat_map(|files| files.keys()).filter(is_inside).cloned().collect();
    if listed.is_some() {
        files.insert(MANIFEST.to_owned());
    }
    files
}

/// Makes the bundle of an engine.
///
/// # Errors
/// Any [`EmitError`]; [`EmitError::Stream`] if the streams are not ports of the top module or a case does not fit them.
pub fn bundle(netlist: &Netlist, info: &BundleInfo, cases: &[TestCase]) -> Result<Bundle, EmitError> {
    check_streams(netlist, info, cases)?;
    let top = netlist.top_module().name.clone();
    let mut files = verilog(netlist, &header(info))?;
    let rtl: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
    let bench = format!("tb/{top}_tb.sv");
    let vectors = vectors::files(netlist, info, cases);
    let vector_paths: Vec<String> = vectors.iter().map(|file| file.path.clone()).collect();
    files.push(EmittedFile { path: bench.clone(), text: test_bench::print(netlist, info, cases) });
    files.extend(vectors);
    files.extend(project::files(netlist, info, &rtl, &bench, &vector_paths));
    files.push(EmittedFile { path: "README.md".to_owned(), text: readme::print(netlist, info, cases) });
    for file in &files {
        if let Some(line) = file.text.lines().find(|line| !line.is_ascii()) {
            return Err(EmitError::NotAscii { module: file.path.clone(), text: line.to_owned() });
        }
    }
    files.push(manifest(netlist, info, &files));
    Ok(Bundle { top, files })
}

/// The comment at the top of each RTL file and test bench.
pub(super) fn header(info: &BundleInfo) -> Vec<String> {
    let mut lines = vec![
        format!("Design {} (hash {}), made by {}.", info.design, info.hash, info.tool),
        format!("Do not edit; make again with: {}", info.regenerate),
    ];
    lines.extend(info.formats.iter().cloned());
    lines.extend(info.law.iter().cloned());
    lines
}

/// (width, lanes) of a port of the top module.
pub(super) fn port_shape(netlist: &Netlist, name: &str) -> Option<(u32, u32)> {
    let top = netlist.top_module();
    top.port(name).map(|port| top.net(port.net)).map(|net| (net.width, net.lanes))
}

/// (width, lanes a reader) of each field of a stream.
pub(super) fn shapes(netlist: &Netlist, stream: &StreamInfo) -> Vec<(u32, u32)> {
    let ports = stream.fields.iter().filter_map(|field| port_shape(netlist, field));
    ports.map(|(width, lanes)| (width, lanes / stream.readers)).collect()
}

/// Bits of the index that is asked for with a beat; 0 if there is none.
pub(super) fn index_bits(netlist: &Netlist, stream: &StreamInfo) -> u32 {
    stream.index.as_deref().and_then(|index| port_shape(netlist, index)).map_or(0, |(width, _)| width)
}

/// Bits of a beat in the memory of the test bench: the index lies above the data.
pub(super) fn stored_bits(netlist: &Netlist, stream: &StreamInfo) -> u32 {
    beat_bits(netlist, stream) + index_bits(netlist, stream)
}

/// Bits of a beat of one reader.
pub(super) fn beat_bits(netlist: &Netlist, stream: &StreamInfo) -> u32 {
    shapes(netlist, stream).iter().map(|(width, lanes)| width * lanes).sum()
}

fn check_streams(netlist: &Netlist, info: &BundleInfo, cases: &[TestCase]) -> Result<(), EmitError> {
    let wrong = |reason: String| Err(EmitError::Stream { reason });
    for stream in &info.streams {
        check_ports(netlist, stream)?;
    }
    if info.streams.iter().filter(|stream| stream.is_output()).count() != 1 {
        return wrong("a test bench needs exactly one result stream".to_owned());
    }
    if cases.is_empty() {
        return wrong("a test bench needs at least one case".to_owned());
    }
    for case in cases {
        if case.streams.len() != info.streams.len() {
            return wrong(format!("case `{}` has {} streams", case.name, case.streams.len()));
        }
        for (stream, data) in info.streams.iter().zip(&case.streams) {
            if data.pattern == 0 || !fits(netlist, stream, data) {
                return wrong(format!("case `{}` does not fit stream `{}`", case.name, stream.name()));
            }
            if stream.is_output() && data.beats().is_empty() {
                return wrong(format!("case `{}` expects no result", case.name));
            }
        }
    }
    Ok(())
}

/// Whether every port of a stream is there, with lanes for each reader.
fn check_ports(netlist: &Netlist, stream: &StreamInfo) -> Result<(), EmitError> {
    let wrong = |reason: String| Err(EmitError::Stream { reason });
    let readers = stream.readers;
    if readers == 0 || stream.is_output() && (readers > 1 || stream.index.is_some()) {
        return wrong(format!("stream `{}` cannot have {readers} readers or an index", stream.name()));
    }
    let shakes = [stream.valid(), stream.ready()];
    let one_bit = shakes.iter().map(|name| (name, true, true));
    let index = stream.index.iter().map(|name| (name, false, true));
    let fields = stream.fields.iter().map(|name| (name, false, false));
    for (name, is_bit, is_lane_a_reader) in one_bit.chain(index).chain(fields) {
        let top = &netlist.top_module().name;
        let Some((width, lanes)) = port_shape(netlist, name) else {
            return wrong(format!("`{top}` has no port `{name}`"));
        };
        let lanes_fit = if is_lane_a_reader { lanes == readers } else { lanes % readers == 0 };
        if !lanes_fit || is_bit && width != 1 {
            return wrong(format!(
                "port `{name}` of `{top}` is {width} bits x {lanes} lanes: it has {readers} readers"
            ));
        }
    }
    Ok(())
}

/// Whether every word of every beat, and every index, can be put on the ports.
fn fits(netlist: &Netlist, stream: &StreamInfo, data: &Traffic) -> bool {
    let shapes = shapes(netlist, stream);
    let widths: Vec<u32> = shapes.iter().flat_map(|&(width, lanes)| (0..lanes).map(move |_| width)).collect();
    let beat_fits = |beat: &Vec<u64>| {
        beat.len() == widths.len() && beat.iter().zip(&widths).all(|(word, width)| word & !mask(*width) == 0)
    };
    let index_mask = mask(index_bits(netlist, stream));
    let indices_fit = match stream.index {
        None => data.indices.is_empty(),
        Some(_) => {
            data.indices.len() == data.readers.len()
                && data.indices.iter().zip(&data.readers).all(|(indices, beats)| indices.len() == beats.len())
                && data.indices.iter().flatten().all(|index| index & !index_mask == 0)
        }
    };
    data.readers.len() == stream.readers as usize && data.readers.iter().flatten().all(beat_fits) && indices_fit
}

/// Every file with its digest, and what a script wants to know of the engine.
fn manifest(netlist: &Netlist, info: &BundleInfo, files: &[EmittedFile]) -> EmittedFile {
    let top = netlist.top_module();
    let ports: Vec<serde_json::Value> = top
        .ports
        .iter()
        .map(|port| {
            let net = top.net(port.net);
            let direction = if port.direction == Direction::Input { "input" } else { "output" };
            serde_json::json!({ "name": net.name, "direction": direction, "width": net.width, "lanes": net.lanes })
        })
        .collect();
    let mut digests = serde_json::Map::new();
    for file in files {
        let digest = Sha256::digest(file.text.as_bytes());
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        digests.insert(file.path.clone(), hex.into());
    }
    let manifest = serde_json::json!({
        "format_version": 1,
        "tool": info.tool,
        "design": { "name": info.design, "hash": info.hash },
        "top": top.name,
        "formats": info.formats,
        "latency": info.law,
        "clock_period_ns": info.clock_period_ns,
        "ports": ports,
        "sha256": digests,
    });
    let mut text = format!("{manifest:#}");
    text.push('\n');
    EmittedFile { path: MANIFEST.to_owned(), text }
}
