//! `--cycles scalesim`: its counts beside ours, and a sentence whose numbers make the difference.

use bitweight::design::{Design, engine_spec};
use bitweight::report::{DesignId, Made, Results, WorkloadId, layers_csv};
use bitweight::simulate::{Method, Scalesim, WorkloadRun, scalesim, scalesim_count, workload};
use bitweight::workload::{Layer, Workload};

fn counted(design: &str, text: &str) -> (WorkloadRun, Scalesim) {
    let spec = engine_spec(&Design::load(design, &[]).expect("a shipped design"));
    let network = Workload::from_topology("t.csv", text.to_owned(), None).expect("a topology");
    let run = workload(&spec, &network, Method::default(), |_| ()).expect("a clean run");
    let count = scalesim(&spec, &run).expect("a systolic design");
    (run, count)
}

#[test]
fn whole_runs_have_the_counts_of_scale_sim_beside_ours() {
    let text = "Layer,M,N,K,\ng,64,64,64,\n";
    for (design, cycles, ours) in
        [("mac-os", 503, 352), ("mac-ws", 631, 443), ("mac-is", 631, 443), ("opt1-os", 503, 353)]
    {
        let (run, count) = counted(design, text);
        assert_eq!((count.cycles, count.layers[0].cycles), (cycles, cycles), "{design}");
        assert_eq!(run.cycles(), ours, "{design}, as in docs/workloads.md");
    }
}

/// "Total Cycles" of SCALE-Sim 3.0.0 (without prefetch, 0 stalls) on 4 x 8 PEs, run on these very texts: edge folds, rounded
/// windows, a depth-wise layer of four channels.
#[test]
fn counts_are_those_that_scale_sim_printed() {
    let conv = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n\
                conv1, 15, 15, 3, 3, 3, 8, 2,\nconv2_DP, 9, 9, 3, 3, 4, 3, 1,\nodd, 10, 7, 3, 2, 5, 9, 3,\n\
                fc, 7, 7, 7, 7, 8, 10, 1,\n";
    let gemm = "Layer,M,N,K,\na,64,64,64,\nb,9,20,33,\nc,1,1,1,\n";
    for (design, of_conv, of_gemm) in [
        ("mac-os-4x4", [480, 246, 239, 803], [9471, 386, 10]),
        ("mac-ws-4x4", [440, 188, 415, 2939], [9983, 620, 14]),
        ("mac-is-4x4", [1077, 356, 367, 2351], [9983, 611, 14]),
    ] {
        let spec = engine_spec(&Design::load(design, &["array.cols=8".into()]).expect("a shipped design"));
        for (text, printed) in [(conv, &of_conv[..]), (gemm, &of_gemm[..])] {
            let network = Workload::from_topology("t.csv", text.to_owned(), None).expect("a topology");
            let count = |layer: &Layer| scalesim_count(&spec, (layer.m, layer.n, layer.k)).expect("systolic").cycles;
            assert_eq!(network.layers.iter().map(count).collect::<Vec<_>>(), printed, "{design}");
        }
    }
}

/// theirs = steps + folds * overhead - products, and ours = steps + what is no step.
#[test]
fn the_numbers_of_the_sentence_make_up_both_counts() {
    let text = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n\
                c, 9, 9, 3, 3, 3, 7, 2,\nDP, 6, 6, 3, 3, 5, 2, 1,\n";
    for design in ["mac-os-4x4", "mac-ws-4x4", "mac-is-4x4"] {
        let (run, count) = counted(design, text);
        let numbers: Vec<u64> = count
            .difference
            .split(|letter: char| !letter.is_ascii_digit())
            .filter_map(|number| number.parse().ok())
            .collect();
        let has = |number: u64| assert!(numbers.contains(&number), "{number} in {}", count.difference);
        let products: u64 = run.layers.iter().map(|layer| layer.repeat).sum();
        let sum = |of: &dyn Fn(usize) -> u64| -> u64 { (0..2).map(|at| of(at) * run.layers[at].repeat).sum() };
        let folds = sum(&|at| count.layers[at].folds);
        let overhead = count.layers[0].overhead;
        let steps = run.parts().compute;
        for number in [count.cycles, run.cycles(), steps, folds, overhead, folds * overhead, products] {
            has(number);
        }
        has(run.cycles() - steps);
        assert_eq!(products, 6);
        assert_eq!(count.cycles, steps + folds * overhead - products, "{design}");
    }
}

#[test]
fn results_keep_the_counts_and_add_up() {
    let (run, count) = counted("mac-os-4x4", "Layer,M,N,K,\na,9,5,6,\nb,4,4,4,\n");
    let made = Made { version: "0".into(), command: "x".into(), summary: "x".into(), design_toml: "x".into() };
    let (design, id) = (DesignId { name: "d".into(), hash: "0".into() }, WorkloadId { name: "w".into(), seed: 0 });
    let plain = Results::new(design, id, made, &run);
    assert!(!plain.to_json().contains("scalesim") && !plain.to_json().contains("notes"));
    assert!(!layers_csv(&plain).expect("a table").contains("scalesim"));
    let results = plain.with_scalesim(&count);
    let text = results.to_json();
    assert_eq!(Results::from_json(&text).expect("what was written"), results);
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let layers =
        [&value["layers"][0], &value["layers"][1]].map(|layer| layer["scalesim_cycles"].as_u64().expect("a count"));
    // 3 x 2 folds of 6 + 6 cycles, and one of 4 + 6.
    assert_eq!((layers, value["total"]["scalesim_cycles"].as_u64()), ([71, 9], Some(80)));
    let table = layers_csv(&results).expect("a table");
    assert!(table.lines().next().is_some_and(|header| header.ends_with(",scalesim_cycles")), "{table}");
    assert!(table.lines().nth(1).is_some_and(|row| row.ends_with(",71")), "{table}");
    let broken = text.replacen("\"scalesim_cycles\": 80", "\"scalesim_cycles\": 81", 1);
    assert_ne!(broken, text);
    assert!(Results::from_json(&broken).is_err(), "a sum that is none");
}
