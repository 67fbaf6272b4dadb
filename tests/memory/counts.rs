//! Counts by hand, and the examples of the document.

use bitweight::design::{Design, Override, engine_spec};
use bitweight::encoding::EncodingKind;
use bitweight::engine::{Array, EngineSpec, Memory};
use bitweight::matrix::Matrix;
use bitweight::report;
use bitweight::simulate::Bound;
use bitweight::workload::Fibres;

use crate::cases::{engine, memory_of, operands, pruned, run, with};

#[test]
fn the_examples_of_the_document_are_what_is_computed() {
    let text = std::fs::read_to_string("docs/memory.md").expect("the document");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip_while(|line| !line.starts_with("| design |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect())
        .collect();
    assert_eq!(rows.len(), 8);
    for row in rows {
        let design = Design::load(row[0], &[]).expect("a shipped design");
        let spec = with(&engine_spec(&design), memory_of(row[4]));
        let [m, n, k] = [1, 2, 3].map(|column| row[column].parse().expect("an extent"));
        let (a, b) = operands(m, n, k);
        let (counts, memory) = run(&spec, &a, &pruned(&spec, b)).expect("a run");
        let [x, y, z] = memory.block;
        let [of_a, of_b, of_c] = memory.tensors;
        let found = [
            memory.order.name().to_owned(),
            format!("{x}x{y}x{z}"),
            of_a.dram_reads.to_string(),
            of_b.dram_reads.to_string(),
            of_c.dram_writes.to_string(),
            counts.cycles.to_string(),
            memory.sram_stall.to_string(),
            memory.dram_stall.to_string(),
        ];
        assert_eq!(found[..], row[5..], "{row:?}");
        assert_eq!(counts.parts.stall, memory.sram_stall + memory.dram_stall);
    }
}

/// Rows that skip zero digits.
pub fn skipping(rows: u32, cols: u32) -> EngineSpec {
    EngineSpec {
        transforms: vec!["compress-accumulate".into(), "skip-zero-digits".into()],
        encoding: Some(EncodingKind::EnT),
        ..engine(Array::Matrix2d, rows, cols)
    }
}

#[test]
fn a_skipping_engine_reads_a_for_each_bit_weight_and_b_for_each_digit_from_sram_and_once_from_dram() {
    let spec = skipping(2, 3);
    // 91 is -1 -1 2 1 in radix 4, from the lowest: 4 digits that are not 0. 0 has none.
    let a = Matrix::from_fn(4, 5, |m, _| if m == 0 { 91 } else { 0 });
    let b = Matrix::filled(5, 6, 1);
    let (_, memory) = run(&with(&spec, memory_of("dram 64")), &a, &b).expect("a run");
    let [of_a, of_b, of_c] = memory.tensors;
    assert_eq!((of_a.dram_reads, of_b.dram_reads, of_c.dram_writes), (20, 30, 24));
    // 4 bit weights and 2 tiles along N; 5 operands of 4 digits, 6 columns.
    assert_eq!((of_a.sram_reads, of_b.sram_reads), (20 * 4 * 2, 5 * 4 * 6));
    assert_eq!(memory.bound(), Bound::Array);
    // K in three blocks: each of the 4 passes fetches all of them again, B for each of the 2 tiles along M, A for those along N.
    let a = Matrix::from_fn(4, 400, |m, _| if m == 0 { 91 } else { 0 });
    let b = Matrix::filled(400, 6, 1);
    let (counted, memory) = run(&with(&spec, memory_of("a 1, b 1, dram 64, block 0 0 136")), &a, &b).expect("a run");
    let [cut_a, cut_b, cut_c] = memory.tensors;
    assert_eq!((memory.block, memory.blocks), ([2, 3, 136], [2, 2, 3]));
    assert_eq!((cut_a.rounds, cut_b.rounds, cut_c.rounds), (4 * 2, 4 * 2, 1));
    assert_eq!((cut_a.dram_reads, cut_b.dram_reads, cut_c.dram_writes), (1600 * 4 * 2, 2400 * 4 * 2, 24));
    assert_eq!((cut_a.sram_reads, cut_b.sram_reads), (1600 * 4 * 2, 400 * 4 * 6));
    assert_eq!(counted.words.a, 1600 * 4 * 2);
    assert_eq!((of_a.word_bits, of_b.word_bits, of_c.word_bits), (8, 8, 32));
}

#[test]
fn stored_words_are_powers_of_two_of_bits_and_select_lines_where_digits_are_stored() {
    let (a, b) = operands(3, 3, 3);
    let base = EngineSpec { a_bits: 5, b_bits: 12, acc_bits: 20, ..engine(Array::Matrix2d, 2, 2) };
    let bits = |spec: &EngineSpec| {
        let (_, memory) = run(&with(spec, Memory::default()), &a, &b).expect("a run");
        memory.tensors.map(|tensor| tensor.word_bits)
    };
    assert_eq!(bits(&base), [8, 16, 32]);
    // Three radix-4 digits of one, two and neg: 9 bits, less what the top digit cannot reach.
    let stored = EngineSpec {
        encoding: Some(EncodingKind::Booth4),
        transforms: vec!["share-encoder".into(), "store-encoded".into()],
        ..base
    };
    assert_eq!(bits(&stored)[0], 8);
    assert_eq!(bits(&EngineSpec { a_bits: 8, ..stored })[0], 16);
}

#[test]
fn weights_that_are_kept_take_the_bits_of_n_of_m_storage_and_all_of_a_is_fetched() {
    let spec = engine_spec(&Design::load("mac-ws-2-4-4x4", &[]).expect("a shipped design"));
    let spec = with(&spec, memory_of("dram 64"));
    // Two groups of 4, the second one cut off: 4 kept places.
    let (a, b) = operands(6, 8, 5);
    let (_, memory) = run(&spec, &a, &pruned(&spec, b)).expect("a run");
    let [of_a, of_b, of_c] = memory.tensors;
    assert_eq!((of_a.dram_reads, of_b.dram_reads, of_c.dram_writes), (30, 4 * 8, 48));
    let stored = Fibres { count: 8, length: 5, bits: 8 }.n_of_m(2, 4);
    assert_eq!((of_b.dram_reads, of_b.metadata.dram_reads), (stored.value_bytes, 8 * stored.metadata_bytes));
    assert_eq!(memory.dram_bits, 30 * 8 + 32 * (8 + 2) + 48 * 32);
    assert_eq!(of_a.metadata, Default::default());
    let written = report::Memory::new(&memory);
    assert_eq!((written.b.dram_read_words, written.b.dram_read_bits), (32, 320));
    assert_eq!(written.b.metadata.map(|metadata| (metadata.bits, metadata.sram_read_bits)), Some((64, 64)));
    assert!(written.a.metadata.is_none() && written.c.metadata.is_none());
    // 48 columns of 10 kept places of 10 bits are more than half of a buffer; of 16 and 4 elements of K they are 8 and 2 places.
    let (a, b) = operands(4, 48, 20);
    let (_, memory) = run(&with(&spec, memory_of("b 1, block 0 0 16")), &a, &pruned(&spec, b)).expect("a run");
    assert_eq!((memory.blocks, memory.tensors[1].peak_bits), ([1, 1, 2], 48 * (8 + 2) * 10));
    // Where results stay, a PE of depth 1 takes a group of 4 in two steps: 75 groups in three blocks of 25, of at most 32 that fit.
    let spec = engine_spec(&Design::load("mac-os-2-4-4x4", &[]).expect("a shipped design"));
    let (a, b) = operands(4, 4, 300);
    let (_, memory) = run(&with(&spec, memory_of("a 1, block 0 0 100")), &a, &pruned(&spec, b)).expect("a run");
    assert_eq!((memory.block, memory.tensors[1].dram_reads), ([4, 4, 100], 150 * 4));
}

#[test]
fn sums_of_blocks_that_share_exponents_stay_if_c_is_one_block_and_go_round_if_not() {
    let run = |design: &str, text: &str, [m, n, k]: [usize; 3]| {
        let sets = ["operands.a=mxint8", "operands.b=mxfp4"].map(Override::from);
        let spec = engine_spec(&Design::load(design, &sets).expect("a shipped design"));
        let (a, b) = operands(m, n, k);
        run(&with(&spec, memory_of(text)), &a, &b).expect("a run").1
    };
    // Blocks of 32, 32 and 6 of K. Half of the buffer of C has 4,096 bits, 128 sums.
    let stays = run("mac-os-4x4", "c 1, dram 64, block 8 8 0", [8, 8, 70]);
    let [a, b, c] = stays.tensors;
    assert_eq!((stays.block, stays.blocks, c.rounds), ([8, 8, 32], [1, 1, 3], 1));
    assert_eq!((a.dram_reads, b.dram_reads, c.dram_reads, c.dram_writes), (560, 560, 0, 64));
    assert_eq!([a, b].map(|tensor| (tensor.word_bits, tensor.metadata.dram_reads)), [(8, 3 * 8 * 8), (4, 3 * 8 * 8)]);
    // A byte of each row of A with each of the two tiles that it is in; two of three products add to sums.
    assert_eq!((a.metadata.sram_reads, c.sums, c.sram_reads), (2 * 3 * 8 * 8, 2 * 64, 2 * 64 + 64));
    let round = run("mac-os-4x4", "c 1, dram 64, block 16 8 0", [16, 16, 70]);
    let c = round.tensors[2];
    assert_eq!((round.blocks, c.rounds), ([1, 2, 3], 3));
    assert_eq!((c.dram_reads, c.dram_writes), (2 * 256, 3 * 256));
    // Where weights stay, partial sums of the 8 tiles of a block of K are beside the sums: two words a place, 64 places.
    let whole = run("mac-ws-4x4", "c 1, dram 64, block 8 8 0", [8, 8, 70]);
    assert_eq!((whole.blocks, whole.tensors[2].peak_bits), ([1, 1, 3], 4096));
    assert_eq!(run("mac-ws-4x4", "c 1, dram 64, block 9 0 0", [9, 8, 70]).blocks, [1, 2, 3]);
    // A single block adds to nothing.
    assert_eq!(run("mac-ws-4x4", "c 1, dram 64, block 16 8 0", [16, 8, 30]).blocks, [1, 1, 1]);
}

#[test]
fn masks_of_b_are_a_bit_a_row_of_a_tile_in_its_buffer_and_none_in_dram() {
    let spec = engine_spec(&Design::load("skip-values-both-4x4", &[]).expect("a shipped design"));
    let (a, b) = operands(5, 9, 20);
    let (counts, memory) = run(&with(&spec, memory_of("dram 64, block 5 9 20")), &a, &b).expect("a run");
    let masks = memory.tensors[1].metadata;
    // Three tiles along N; each row of A reads a bit for each element and tile.
    assert_eq!((masks.stored, masks.dram_reads, masks.sram_writes, masks.sram_reads), (0, 0, 3 * 20, 3 * 5 * 20));
    assert_eq!((masks.sram_reads, memory.tensors[1].peak_bits), (counts.words.a, 20 * 9 * 8 + 60));
}
