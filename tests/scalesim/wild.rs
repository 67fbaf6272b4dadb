//! The files that SCALE-Sim ships: each is read, or refused for a reason that holds.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use bitweight::design::scalesim::ScalesimConfig;
use bitweight::design::{Design, engine_spec};
use bitweight::simulate::{self, Compare, MemoryPlan, Plan};
use bitweight::workload::Workload;
use rayon::prelude::*;

/// The folder of the files, or `None` (said on stderr) where `BITWEIGHT_SHARED` is not set.
fn folder() -> Option<PathBuf> {
    let Some(shared) = std::env::var_os("BITWEIGHT_SHARED") else {
        eprintln!("skipped: the files that SCALE-Sim ships (BITWEIGHT_SHARED is not set)");
        return None;
    };
    Some(Path::new(&shared).join("reference/scalesim_files"))
}

/// Files below a folder with this extension, in order, with their path from there.
fn files(root: &Path, extension: &str) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|is| is == extension) {
                let name = path.strip_prefix(root).expect("below").to_string_lossy().replace('\\', "/");
                found.push((name, path));
            }
        }
    }
    found.sort();
    found
}

fn compare(golden: &str, text: &str) {
    let path = Path::new("tests/goldens").join(golden);
    if std::env::var_os("BITWEIGHT_BLESS").is_some() {
        fs::write(&path, text).expect("the golden");
    }
    assert_eq!(
        text,
        fs::read_to_string(&path).unwrap_or_default(),
        "{} (BITWEIGHT_BLESS=1 writes it anew)",
        path.display()
    );
}

#[test]
fn every_shipped_topology_is_read_or_refused_for_a_reason_that_holds() {
    let Some(folder) = folder() else { return };
    let topologies = files(&folder.join("topologies"), "csv");
    assert!(topologies.len() >= 100, "only {} topologies found", topologies.len());
    let mut text = String::new();
    let mut refused = 0;
    for (name, path) in topologies {
        let content = fs::read_to_string(&path).expect("a topology in UTF-8");
        match Workload::from_topology(&name, content, None) {
            Ok(workload) => {
                assert!(workload.layers.iter().all(|layer| layer.macs() > 0), "{name}");
                let macs: u64 = workload.layers.iter().map(|layer| layer.macs() * layer.repeat).sum();
                let (layers, notes) = (workload.layers.len(), workload.notes.len());
                writeln!(text, "{name}: {layers} layers, {macs} MACs, {notes} notes").expect("a string");
            }
            Err(error) => {
                refused += 1;
                let shown = bitweight::mistake::render(&error, false, true);
                let place = shown.split(",-[").nth(1).and_then(|rest| rest.split(']').next()).expect("a place");
                let place = place.strip_prefix(&format!("{name}:")).expect("the file's name");
                writeln!(text, "{name}: refused at {place}: {error}").expect("a string");
            }
        }
    }
    compare("scalesim_topologies.txt", &text);
    // Variables instead of numbers in a template, and one row with `,1 2,` that three files have in common.
    assert_eq!(refused, 4, "{text}");
}

#[test]
fn resnet_18_has_the_work_that_its_convolutions_have() {
    let Some(folder) = folder() else { return };
    let path = folder.join("topologies/conv_nets/Resnet18.csv");
    let workload = Workload::from_topology_file(&path, None).expect("a sound file");
    // A second reading of the file, in the fewest words.
    let mut expected = 0;
    for line in fs::read_to_string(&path).expect("the file").lines().skip(1) {
        let v: Vec<u64> = line.split(',').skip(1).filter_map(|cell| cell.trim().parse().ok()).collect();
        let windows = |side: usize| ((v[side] - v[side + 2] + v[6]) as f64 / v[6] as f64).ceil() as u64;
        expected += windows(0) * windows(1) * v[2] * v[3] * v[4] * v[5];
    }
    let macs: u64 = workload.layers.iter().map(|layer| layer.macs() * layer.repeat).sum();
    assert_eq!((workload.layers.len(), macs), (21, expected));
    // The network has 1.8 * 10^9 multiply-accumulates; the file leaves the padding of its inputs out.
    assert!((1_400_000_000..1_800_000_000).contains(&macs), "{macs}");
}

/// Each configuration runs as it is, with its memory: a network of convolutions and one of products.
#[test]
fn every_shipped_configuration_runs_shipped_topologies_with_its_memory() {
    let Some(folder) = folder() else { return };
    let topologies = ["conv_nets/alexnet_part.csv", "GEMM_mnk/NCF.csv"];
    for (name, path) in files(&folder.join("configs"), "cfg") {
        let (design, _) = Design::load_noted(&path.display().to_string(), &[]).expect("a design");
        let spec = engine_spec(&design);
        for topology in topologies {
            let workload =
                Workload::from_topology_file(&folder.join("topologies").join(topology), None).expect(topology);
            let plan = Plan { compare: Compare::Sample, ..Plan::default() };
            let run = simulate::workload(&spec, &workload, plan, |_| ())
                .unwrap_or_else(|error| panic!("{name} {topology}: {error}"));
            for layer in &run.layers {
                let memory = layer.memory.as_ref().expect("memory");
                assert_eq!(memory.cycles, layer.cycles);
                assert!(memory.tensors.iter().all(|tensor| tensor.buffer_bits.is_some()), "{name}");
            }
        }
    }
}

/// Buffers of every configuration have blocks of every layer that SCALE-Sim ships.
#[test]
fn every_layer_of_every_topology_has_blocks_in_every_configuration() {
    let Some(folder) = folder() else { return };
    let specs: Vec<_> = files(&folder.join("configs"), "cfg")
        .into_iter()
        .map(|(name, path)| (name, engine_spec(&Design::load(&path.display().to_string(), &[]).expect("a design"))))
        .collect();
    // Most topologies have layers in common.
    let mut layers = std::collections::BTreeMap::new();
    for (name, path) in files(&folder.join("topologies"), "csv") {
        let Ok(workload) = Workload::from_topology_file(&path, None) else { continue };
        for layer in workload.layers {
            let size = format!("{:?} {:?}", (layer.m, layer.n, layer.k), layer.conv);
            layers.entry(size).or_insert((name.clone(), layer));
        }
    }
    let layers: Vec<_> = layers.into_values().collect();
    assert!(layers.len() > 500, "only {} layers", layers.len());
    layers.par_iter().for_each(|(name, layer)| {
        for (config, spec) in &specs {
            let plan = MemoryPlan::new(spec, [layer.m, layer.n, layer.k], layer.conv);
            assert!(plan.as_ref().is_ok_and(Option::is_some), "{config} {name} {}: {plan:?}", layer.name);
        }
    });
}

#[test]
fn every_shipped_configuration_is_a_design() {
    let Some(folder) = folder() else { return };
    let configs = files(&folder.join("configs"), "cfg");
    assert_eq!(configs.len(), 10);
    let mut text = String::new();
    for (name, path) in configs {
        let content = fs::read_to_string(&path).expect("a configuration in UTF-8");
        let (config, notes) =
            ScalesimConfig::parse(&name, &content).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        let (design, _) = Design::load_noted(&path.display().to_string(), &[]).expect("a design");
        assert_eq!((design.array.rows, design.array.cols), (config.rows, config.cols));
        writeln!(text, "{name}: {}: {}", design.name, design.summary()).expect("a string");
        for note in notes {
            writeln!(text, "  {note}").expect("a string");
        }
    }
    compare("scalesim_configs.txt", &text);
}
