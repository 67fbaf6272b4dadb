//! Layers and whole networks.

use bitweight::design::{Design, Override, engine_spec};
use bitweight::simulate::workload as workload_run;
use bitweight::simulate::{Compare, MemoryPlan, Plan};
use bitweight::workload::{OperandFormats, Workload, WorkloadError, run_network, shipped};

use crate::cases::{memory_of, products, with};
use crate::naive;

/// Layers of several products: groups of convolutions, one a channel, heads, and one that occurs twice.
const LAYERS: &str = "name = \"t\"\nvalues = { distribution = \"normal\", std = 20 }\n\
    [[conv]]\nname = \"grouped\"\ninput = [6, 9, 7]\nfilters = 9\nkernel = [3, 2]\npadding = [1, 1]\ngroups = 3\n\
    [[conv]]\nname = \"depth-wise\"\ninput = [5, 12, 12]\nfilters = 5\nkernel = [3, 3]\nstride = [2, 1]\ngroups = 5\nbatch = 2\n\
    [[conv]]\nname = \"plain\"\ninput = [40, 6, 6]\nfilters = 10\nkernel = [3, 3]\nrepeat = 2\n\
    [[attention]]\nname = \"heads\"\nqueries = 20\nheads = 4\nkv-heads = 2\nhead-dim = 24\n\
    [[gemm]]\nname = \"gemm\"\nm = 30\nn = 20\nk = 50\nrepeat = 3\n";

#[test]
fn a_layer_moves_what_its_products_move_one_after_the_other() {
    let workload = Workload::from_text("t.toml", LAYERS.to_owned(), ".".into()).expect("a workload");
    let scaled = ["operands.a=mxfp4", "operands.b=mxint8"].map(Override::from);
    let of_a = ["operands.a=mxfp6-e2m3"].map(Override::from);
    let plain = ["mac-ws-4x4", "mac-is-4x4", "mac-os-4x4", "opt4c-4x4", "pragmatic-4x4", "laconic-4x4"];
    let blocked = ["mac-ws-4x4", "mac-is-4x4", "mac-os-4x4", "opt4c-4x4", "skip-values-both-4x4", "pragmatic-4x4"];
    let designs =
        plain.iter().map(|design| (design, &[][..])).chain(blocked.iter().map(|design| (design, &scaled[..])));
    for (design, sets) in designs.chain([(&"mac-ws-4x4", &of_a[..])]) {
        let spec = engine_spec(&Design::load(design, sets).expect("a shipped design"));
        let formats = OperandFormats { a: spec.a_format(), b: spec.b_format() };
        let spec = with(&spec, memory_of("a 4 64, b 4 96, c 1 160, dram 48"));
        let run = workload_run(&spec, &workload, Plan::default(), |_| ()).expect("a run");
        let mut layers = run.layers.iter();
        run_network(&workload, formats, |operands| {
            let layer = layers.next().expect("a layer");
            let memory = layer.memory.as_ref().expect("memory");
            let word_bits = memory.tensors.map(|tensor| u64::from(tensor.word_bits));
            let mut sum: Option<naive::Found> = None;
            for product in &operands.products {
                let parts = products(&spec, (&product.a.whole(), &product.b.whole()));
                for (index, (a, b)) in parts.iter().enumerate() {
                    let around = spec.memory.as_ref().expect("memory");
                    let product = (index, parts.len());
                    let case = naive::Case { spec: &spec, memory: around, a, b, word_bits, conv: layer.conv, product };
                    let found = case.run(memory.block, memory.order);
                    sum = Some(sum.map_or_else(|| found.clone(), |sum| sum.and(&found)));
                }
            }
            let found = sum.expect("products");
            let what = format!("{design}, {}", layer.name);
            assert_eq!(found.cycles, memory.cycles, "{what}");
            assert_eq!(found.dram_reads, memory.tensors.map(|tensor| tensor.dram_reads), "{what}");
            assert_eq!(found.dram_writes, memory.tensors.map(|tensor| tensor.dram_writes), "{what}");
            assert_eq!(found.sram_reads, memory.tensors.map(|tensor| tensor.sram_reads), "{what}");
            assert_eq!(found.sram_writes, memory.tensors.map(|tensor| tensor.sram_writes), "{what}");
            assert_eq!(found.dram_busy, memory.dram_busy, "{what}");
            assert_eq!((layer.cycles, layer.parts.total()), (memory.cycles, memory.cycles), "{what}");
            assert_eq!(memory.array_cycles + layer.parts.stall, layer.cycles, "{what}");
            assert_eq!(found.beside_dram_reads, memory.tensors.map(|tensor| tensor.metadata.dram_reads), "{what}");
            let windows = layer.m as u64 * layer.k as u64 * layer.products;
            let stored = layer.conv.filter(|_| sets.is_empty()).map_or(windows, |conv| conv.input_words());
            assert_eq!(memory.tensors[0].elements, stored, "{what}");
            Ok::<_, WorkloadError>(None)
        })
        .expect("the operands");
        let stalls: u64 = run.layers.iter().map(|layer| layer.parts.stall * layer.repeat).sum();
        assert_eq!(run.parts().stall, stalls);
    }
}

/// 1 MiB for A and for B hold K of every layer whole, 32 rows of it.
#[test]
fn every_layer_of_every_shipped_network_has_blocks() {
    let mut plans = 0;
    for design in ["mac-os", "mac-ws", "mac-is", "mac-tree", "opt4c", "pragmatic", "laconic"] {
        let spec = engine_spec(&Design::load(design, &[]).expect("a shipped design"));
        let spec = with(&spec, memory_of("a 1024 256, b 1024 1024, c 512 1024, dram 512"));
        for shipped in shipped() {
            let workload = Workload::load(shipped.name).expect(shipped.name);
            for layer in &workload.layers {
                let plan = MemoryPlan::new(&spec, [layer.m, layer.n, layer.k], layer.conv);
                assert!(plan.as_ref().is_ok_and(Option::is_some), "{design} {} {}: {plan:?}", shipped.name, layer.name);
                plans += 1;
            }
        }
    }
    println!("{plans} plans");
}

#[test]
fn a_network_of_convolutions_runs_with_memory_and_fetches_less_than_its_windows() {
    let workload = Workload::load("mobilenet-v3-large").expect("a shipped workload");
    let spec = engine_spec(&Design::load("mac-ws", &[]).expect("a shipped design"));
    let spec = with(&spec, memory_of("a 64 256, b 64 256, c 64 2048, dram 128"));
    let plan = Plan { compare: Compare::Sample, ..Plan::default() };
    let run = workload_run(&spec, &workload, plan, |_| ()).expect("a run");
    for layer in &run.layers {
        let of_a = layer.memory.as_ref().expect("memory").tensors[0];
        let windows = layer.m as u64 * layer.k as u64 * layer.products;
        assert_eq!(of_a.round * of_a.rounds, of_a.dram_reads);
        // Of a kernel of several places that moves by less, windows share most of the input.
        let shares = layer.conv.is_some_and(|conv| conv.kernel[0] > conv.stride[0]);
        assert_eq!(of_a.round < windows, shares, "{}: {} of {windows}", layer.name, of_a.round);
    }
}
