//! What a nest costs, counted on the tree.

use bitweight::encoding::EncodingKind;
use bitweight::engine::{Array, Dataflow, Engine, EngineSpec, Schedule, Stream};
use bitweight::netlist::{Item, Module, Netlist, Op, ResetKind};
use bitweight::notation::{Counts, Extents, Nest, Operand, gemm, transform};
use proptest::prelude::*;

/// 10 x 9 x 7 on an array of 4 x 3 (output stationary: M x N; weight stationary: K x N), four digits.
const EXTENTS: Extents = Extents { m: 10, n: 9, k: 7, mp: 4, np: 3, kp: 4, bw: 4, bv: 0 };

#[test]
fn an_output_stationary_mac_has_an_encoder_four_products_and_two_adders_in_each_pe() {
    let nest = gemm::output_stationary(Some(Operand::A));
    let expected = Counts {
        pes: 12,
        encoders: 12,
        partial_products: 48,
        multipliers: 0,
        compressors: 12,
        compressor_inputs_per_pe: 4,
        adders_per_pe: 2,
        drain_adders: 0,
        carried_words_per_pe: 1,
        // Three tiles of M, three of N, seven steps: a column of 4 elements of A and a row of 3 of B each.
        a_words: 3 * 3 * 7 * 4,
        b_words: 3 * 3 * 7 * 3,
    };
    assert_eq!(nest.counts(&EXTENTS), expected);
    assert_eq!(nest.counts(&EXTENTS).partial_products_per_pe(), 4);
}

#[test]
fn compress_accumulate_trades_the_adders_of_every_pe_for_two_compressor_inputs_and_one_row_at_the_drain() {
    for encoded in [Operand::A, Operand::B] {
        let mac = gemm::output_stationary(Some(encoded));
        let before = mac.counts(&EXTENTS);
        let after = transform::ALL[0].apply(&mac, &transform::Parameters::default()).unwrap().counts(&EXTENTS);
        let expected = Counts {
            compressor_inputs_per_pe: 6,
            adders_per_pe: 0,
            drain_adders: 3,
            carried_words_per_pe: 2,
            ..before
        };
        assert_eq!(after, expected);
    }
}

#[test]
fn a_weight_stationary_array_reads_each_weight_once_and_adds_tiles_of_k_at_the_drain() {
    let mac = gemm::weight_stationary(Some(Operand::B));
    let before = mac.counts(&EXTENTS);
    let expected = Counts {
        pes: 12,
        encoders: 12,
        partial_products: 48,
        multipliers: 0,
        compressors: 12,
        compressor_inputs_per_pe: 4,
        adders_per_pe: 2,
        drain_adders: 3,
        carried_words_per_pe: 1,
        // Three tiles of N, two of K: ten rows of 4 elements of A each, and one tile of 4 x 3 weights, padding included.
        a_words: 3 * 2 * 10 * 4,
        b_words: 3 * 2 * 4 * 3,
    };
    assert_eq!(before, expected);
    let after = transform::ALL[0].apply(&mac, &transform::Parameters::default()).unwrap().counts(&EXTENTS);
    // `C[m,n] += add(s, c)` is an addition of three words for each column.
    let expected =
        Counts { compressor_inputs_per_pe: 6, adders_per_pe: 0, drain_adders: 6, carried_words_per_pe: 2, ..before };
    assert_eq!(after, expected);
}

#[test]
fn an_opaque_product_has_a_multiplier_and_an_adder_in_each_pe() {
    let counts = gemm::output_stationary(None).counts(&EXTENTS);
    assert_eq!((counts.multipliers, counts.encoders, counts.compressors, counts.adders_per_pe), (12, 0, 0, 1));
}

#[test]
fn places_inside_the_reduction_count_like_places_around_it() {
    let text = "\
for mt in MT, nt in NT
  par mp in MP
    for k in K carrying s[np], c[np]
      digits = encode(A[m,k])
      par np in NP
        par bw in BW
          pp[bw] = shift(map(B[k,n], digits[bw]), bw)
        s[np], c[np] = half_reduce(pp[bw] over bw, s[np], c[np])
    par np in NP
      C[m,n] = add(s[np], c[np])
";
    let shared: Nest = text.parse().unwrap();
    assert_eq!(shared.well_formed(), Ok(()));
    let opt1 =
        transform::ALL[0].apply(&gemm::output_stationary(Some(Operand::A)), &transform::Parameters::default()).unwrap();
    // The encoder is outside the places of N, so a row of PEs shares one; nothing else differs.
    assert_eq!(shared.counts(&EXTENTS), Counts { encoders: 4, ..opt1.counts(&EXTENTS) });
}

#[test]
fn an_array_without_places_has_no_hardware_and_does_not_divide_by_zero() {
    let counts =
        gemm::output_stationary(Some(Operand::A)).counts(&Extents { mp: 1, np: 1, kp: 1, m: 0, n: 0, k: 0, ..EXTENTS });
    assert_eq!((counts.pes, counts.a_words), (1, 0));
    let all_of_k =
        "par m in M, n in N\n  par k in K carrying acc\n    acc += multiply(A[m,k], B[k,n])\n  C[m,n] = acc\n";
    let counts = all_of_k.parse::<Nest>().unwrap().counts(&Extents { k: 0, ..EXTENTS });
    assert_eq!((counts.pes, counts.adders_per_pe), (0, 0));
}

/// Copies of the modules whose names contain `part`, below one copy of `module`.
fn copies(netlist: &Netlist, module: &Module, part: &str) -> u64 {
    let below = |child, count| {
        let child = netlist.module(child);
        let own = u64::from(child.name.contains(part));
        count * (own + copies(netlist, child, part))
    };
    let of = |item: &Item| match item {
        Item::Instance(instance) => below(instance.module, 1),
        Item::Grid(grid) => below(grid.module, u64::from(grid.count())),
        _ => 0,
    };
    module.items.iter().map(of).sum()
}

/// What `check` prints below a nest is counted on the tree, what is built is counted here: they must be the same.
#[test]
fn the_parts_that_a_nest_counts_are_those_that_its_engine_has() {
    let mut seen = 0;
    for dataflow in Dataflow::ALL {
        for encoding in [None, Some(EncodingKind::Booth4), Some(EncodingKind::Csd)] {
            for carry_save in [false, true] {
                if encoding.is_none() && carry_save {
                    continue;
                }
                let spec = EngineSpec {
                    name: "counted".to_owned(),
                    rows: 4,
                    cols: 3,
                    array: Array::Systolic(dataflow),
                    a_bits: 8,
                    b_bits: 8,
                    acc_bits: 32,
                    encoding,
                    encoded: Operand::A,
                    transforms: if carry_save { vec!["compress-accumulate".to_owned()] } else { Vec::new() },
                    reset: ResetKind::AsyncLow,
                    length_bits: 16,
                    ..EngineSpec::default()
                };
                let engine = Engine::elaborate(&spec).unwrap();
                let bw = encoding.map_or(1, |kind| kind.encoding().slots(8).into());
                let extents = match dataflow {
                    // Rows are places of K, columns those of M.
                    Dataflow::InputStationary => Extents { bw, mp: 3, np: 1, kp: 4, ..EXTENTS },
                    _ => Extents { bw, ..EXTENTS },
                };
                let counts = engine.nest.counts(&extents);
                let (netlist, top) = (&engine.netlist, engine.netlist.top_module());
                let pe = netlist.modules.iter().find(|module| module.name.contains("_pe_")).unwrap();
                let own = |wanted: &Op| {
                    let is = |item: &&Item| matches!(item, Item::Cell(cell) if cell.op == *wanted);
                    pe.items.iter().filter(is).count() as u64
                };
                let drain = copies(netlist, top, "final_adder") + copies(netlist, top, "partial_sum_adder");
                let parts = [
                    ("PEs", counts.pes, copies(netlist, top, "_pe_")),
                    ("encoders", counts.encoders, copies(netlist, top, "_encoder_")),
                    ("compressors", counts.compressors, copies(netlist, top, "_compressor_")),
                    ("adders of a PE", counts.adders_per_pe, own(&Op::Add)),
                    ("multipliers", counts.multipliers, counts.pes * own(&Op::MulSigned)),
                    ("drain adders", counts.drain_adders, drain),
                ];
                for (part, of_nest, of_netlist) in parts {
                    assert_eq!(of_nest, of_netlist, "{part}: {dataflow:?} {encoding:?} {carry_save}");
                    seen += of_nest;
                }
            }
        }
    }
    assert!(seen > 0);
}

proptest! {
    #[test]
    fn a_nest_reads_the_words_that_the_schedule_of_its_engine_streams(
        dataflow in prop::sample::select(&Dataflow::ALL[..]),
        rows in 1_u32..=8,
        cols in 1_u32..=8,
        (m, n, k) in (1_usize..=40, 1_usize..=40, 1_usize..=40),
    ) {
        let spec = EngineSpec {
            name: "counted".to_owned(),
            rows,
            cols,
            array: Array::Systolic(dataflow),
            a_bits: 8,
            b_bits: 8,
            acc_bits: 32,
            encoding: Some(EncodingKind::EnT),
            encoded: Operand::A,
            transforms: Vec::new(),
            reset: ResetKind::AsyncLow,
            length_bits: 16,
            ..EngineSpec::default()
        };
        let (places, across) = (u64::from(rows), u64::from(cols));
        // Rows are places of M or K, columns of N, or of M where inputs stay.
        let (mp, np) = if dataflow == Dataflow::InputStationary { (across, 1) } else { (places, across) };
        let extents = Extents { m: m as u64, n: n as u64, k: k as u64, mp, np, kp: places, bw: 4, bv: 0 };
        let counts = spec.nests().unwrap().0.counts(&extents);
        let schedule = Schedule::new(&spec, m, n, k).unwrap();
        let words = |stream| (schedule.beats(stream) * schedule.lanes(stream)) as u64;
        prop_assert_eq!((counts.a_words, counts.b_words), (words(Stream::A), words(Stream::B)));
    }
}
