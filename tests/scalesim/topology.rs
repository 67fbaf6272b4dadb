//! Topologies: what is read, what is noted, what is refused, and where.

use bitweight::workload::scalesim::{Topology, TopologyForm, TopologyRow};
use bitweight::workload::{Layer, OperandWidths, Sparsity, Workload, WorkloadError, reference, run_network};
use miette::Diagnostic;
use proptest::prelude::*;

const CONV: &str =
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n";
const GEMM: &str = "Layer, M, N, K,\n";

fn read(text: &str) -> Workload {
    Workload::from_topology("nets/t.csv", text.to_owned(), None).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Name, M, N, K and repeat of each layer.
fn shapes(workload: &Workload) -> Vec<(&str, [usize; 3], u64)> {
    let shape = |layer: &'_ Layer| ([layer.m, layer.n, layer.k], layer.repeat);
    workload.layers.iter().map(|layer| (layer.name.as_str(), shape(layer).0, shape(layer).1)).collect()
}

fn notes(workload: &Workload) -> Vec<String> {
    workload.notes.iter().map(ToString::to_string).collect()
}

/// The one layer of a topology, without a note.
fn silent(text: &str) -> (String, [usize; 3], u64) {
    let workload = read(text);
    assert_eq!(notes(&workload), [""; 0], "{text}");
    let [(name, shape, repeat)] = shapes(&workload)[..] else { panic!("one layer: {text}") };
    (name.to_owned(), shape, repeat)
}

/// Code, message and the text at the place of what is wrong.
fn refused(text: &str, form: Option<TopologyForm>) -> [String; 3] {
    let error =
        Workload::from_topology("t.csv", text.to_owned(), form).map(|read| shapes(&read).len()).expect_err(text);
    let label = error.labels().and_then(|mut labels| labels.next()).expect("a place");
    assert!(error.help().is_some_and(|help| !help.to_string().is_empty()), "{error} has no help");
    let code = error.code().expect("a code").to_string();
    [code, error.to_string(), text[label.offset()..label.offset() + label.len()].to_owned()]
}

#[test]
fn a_convolution_becomes_the_product_that_scale_sim_makes_of_it() {
    // ceil((14 - 3 + 2) / 2) = 7 and ceil((9 - 2 + 2) / 2) = 5 windows, the latter rounded up.
    let workload = read(&format!("{CONV}Conv1, 15, 9, 3, 2, 4, 16, 2,\n"));
    assert_eq!(shapes(&workload), [("Conv1", [7 * 5, 16, 3 * 2 * 4], 1)]);
    assert_eq!(workload.name, "t");
    let said = "nets/t.csv:2:1: windows of 2 at stride 2 do not end with an input of 9: 5 along this side, rounded up as in \
                SCALE-Sim, where a convolution without padding has 4";
    assert_eq!(notes(&workload), [said]);
    // An input is taken as padded already: 16 for a same convolution of 14.
    assert_eq!(silent(&format!("{CONV}Conv1, 16, 16, 3, 3, 1, 2, 1,")).1, [14 * 14, 2, 9]);
    // A filter as large as its input has one place, whatever the stride.
    assert_eq!(silent(&format!("{CONV}fc, 7, 7, 7, 7, 512, 1000, 3,")).1, [1, 1000, 7 * 7 * 512]);
}

#[test]
fn a_gemm_is_m_n_k() {
    assert_eq!(silent(&format!("{GEMM}x, 3, 5, 16,")), ("x".to_owned(), [3, 5, 16], 1));
}

/// Each is the same one layer, and says nothing: nothing that means something was ignored.
#[test]
fn the_spelling_of_a_file_does_not_matter() {
    let row = "a, 6, 6, 3, 3, 2, 4, 1";
    let header = CONV.trim_end();
    for text in [
        format!("{header}\n{row},\n"),
        format!("{header}\n{row}"),
        format!("{header}\r\n{row},\r\n\r\n"),
        format!("\n\n{header}\n\n\n{row}, ,\n   \n"),
        format!("\u{feff}{header}\n{row},"),
        format!("{}\n{row},", header.replace(' ', "\u{a0}")),
        format!("{header}\n  a  ,\t6 , 6,3,3 ,  2,4,1   ,   "),
        format!("{header}\n\"a\",\"6\",6,3,3,2,4,1"),
        format!("layer,Ifmap height,ifmap width,filter height,filter width,channels,num filters,stride\n{row},,,,"),
        format!("whatever it says\n{row},"),
        format!("{header}Batch Size,\n{row}, 1,"),
        format!("{header}Batch Size,\n{row},,"),
        format!("{header} Stride width,\n{row}, 1,"),
    ] {
        assert_eq!(silent(&text), ("a".to_owned(), [16, 4, 18], 1), "{text:?}");
    }
}

#[test]
fn what_is_ignored_is_said_with_its_place() {
    let text =
        format!("{CONV},,,,,,,,\nAlexnet,\na, 6, 6, 3, 3, 2, 4, 1,#dw\n# b, 1\n{CONV}b, 6, 6, 3, 3, 2, 4, 1, 7, 8\n");
    let workload = read(&text);
    assert_eq!(workload.layers.len(), 2);
    assert_eq!(
        notes(&workload),
        [
            "nets/t.csv:2:1: a row without a value is ignored",
            "nets/t.csv:3:1: `Alexnet` has no numbers: it is taken as a heading and ignored",
            "nets/t.csv:4:24: `#dw` in column 9 means nothing here and is ignored",
            "nets/t.csv:5:1: a comment is ignored",
            "nets/t.csv:6:1: one more header is ignored",
            "nets/t.csv:7:25: `7` in column 9 means nothing here and is ignored",
            "nets/t.csv:7:28: `8` in column 10 means nothing here and is ignored",
        ]
    );
    let wide = read(&format!("{GEMM}a, 1, 2, 3{}x", ",".repeat(100)));
    assert_eq!(notes(&wide), ["nets/t.csv:2:111: what stands in column 65 and behind it is ignored"]);
}

#[test]
fn other_separators_are_read_and_noted() {
    for (separator, name) in [("\t", "tabs"), (";", "semicolons")] {
        let text = format!("{CONV}a, 6, 6, 3, 3, 2, 4, 1").replace(", ", separator);
        let workload = read(&text);
        assert_eq!(shapes(&workload)[0].1, [16, 4, 18]);
        assert_eq!(
            notes(&workload),
            [format!("nets/t.csv:1:1: fields are separated by {name}, which SCALE-Sim does not read")]
        );
    }
}

#[test]
fn a_header_that_reads_like_a_layer_is_skipped_and_noted() {
    let workload = read("a, 1, 2, 3,\nb, 4, 5, 6,\n");
    assert_eq!(shapes(&workload), [("b", [4, 5, 6], 1)]);
    assert!(notes(&workload)[0].starts_with("nets/t.csv:1:1: the first line is skipped, as in SCALE-Sim"));
}

#[test]
fn columns_go_by_position_and_a_heading_that_says_otherwise_is_noted() {
    let workload = read("Layer, M, K, N,\na, 1, 2, 3,\n");
    assert_eq!(shapes(&workload), [("a", [1, 2, 3], 1)]);
    assert_eq!(
        notes(&workload),
        [
            "nets/t.csv:1:11: column 3 is N, as in SCALE-Sim, whose columns go by their position; its heading is `K`",
            "nets/t.csv:1:14: column 4 is K, as in SCALE-Sim, whose columns go by their position; its heading is `N`",
        ]
    );
}

#[test]
fn a_depth_wise_layer_is_one_of_a_channel_as_often_as_there_are_channels() {
    let workload = read(&format!("{CONV}Conv_DP1, 6, 6, 3, 3, 32, 1, 1,\nConv_dp, 6, 6, 3, 3, 32, 1, 1,\n"));
    assert_eq!(shapes(&workload), [("Conv_DP1", [16, 1, 9], 32), ("Conv_dp", [16, 1, 9 * 32], 1)]);
    assert_eq!(notes(&workload), ["nets/t.csv:2:1: `Conv_DP1` has DP in its name: a layer of one channel, 32 times"]);
}

#[test]
fn a_batch_counts_its_images_and_says_so() {
    let workload =
        read(&format!("{}Batch Size,\na, 6, 6, 3, 3, 2, 4, 1, 8,\nDP, 6, 6, 3, 3, 2, 4, 1, 8,", CONV.trim_end()));
    assert_eq!(shapes(&workload), [("a", [16, 4, 18], 8), ("DP", [16, 4, 9], 16)]);
    assert_eq!(
        notes(&workload)[0],
        "nets/t.csv:2:1: `a` counts 8 times, once an image of its batch; SCALE-Sim has no batches"
    );
}

#[test]
fn two_strides_are_along_height_and_width_where_the_header_says_so() {
    let header = CONV.trim_end().replace("Strides,", "Stride height, Stride width,");
    let workload = read(&format!("{header}\na, 9, 9, 3, 3, 1, 1, 2, 3,\n"));
    assert_eq!(shapes(&workload)[0].1, [4 * 3, 1, 9]);
}

#[test]
fn a_sparsity_is_that_of_the_weights_of_its_layer() {
    let text = format!("{}\na, 6, 6, 3, 3, 2, 4, 1, 2:4,\nb, 6, 6, 3, 3, 2, 4, 1,  ,", CONV.trim_end());
    let (topology, said) = Topology::parse("t.csv", &text, None).expect("a topology");
    let ratios: Vec<_> =
        topology.rows.iter().map(|row| row.common().sparsity.map(|ratio| (ratio.kept, ratio.of))).collect();
    assert_eq!(ratios, [Some((2, 4)), None]);
    assert_eq!(said.len(), 1);
    let note = "t.csv:2:25: 2:4: 2 of every 4 weights along K stay, whatever [sparsity] of a configuration says";
    assert_eq!(said[0].to_string(), note);
    let workload = read(&text);
    let sparsity = |layer: &Layer| (layer.a.sparsity, layer.b.sparsity);
    assert_eq!(
        workload.layers.iter().map(sparsity).collect::<Vec<_>>(),
        [(None, Some(Sparsity::NOfM { n: 2, m: 4 })), (None, None)]
    );
    let gemm = read("Layer Name, M, N, K, Sparsity,\na, 3, 5, 18, 1:4,\n");
    assert_eq!((shapes(&gemm)[0].1, gemm.notes.len()), ([3, 5, 18], 1));
    // Uniform values of 8 bits: one in 256 of those that stay is 0.
    run_network::<WorkloadError>(&gemm, OperandWidths::signed(8, 8), |operands| {
        let (a, b) = operands.first();
        for n in 0..5 {
            for group in (0..18).collect::<Vec<_>>().chunks(4) {
                let kept = group.iter().filter(|&&k| b[(k, n)] != 0).count();
                assert!(kept <= 1, "column {n}, rows {group:?}");
            }
        }
        assert!(a.values().iter().filter(|&&value| value == 0).count() < 5, "A is dense");
        assert!(b.values().iter().filter(|&&value| value != 0).count() > 20, "a value a group stays");
        Ok(None)
    })
    .expect("a run");
}

#[test]
fn names_are_cleaned_and_made_unique_with_a_note() {
    let text = format!("{GEMM}a/b (c), 1, 1, 1,\nx, 1, 1, 1,\nx, 1, 1, 1,\n, 2, 1, 1,\nx-2, 1, 1, 1,\n");
    let workload = read(&text);
    let names: Vec<&str> = shapes(&workload).iter().map(|&(name, ..)| name).collect();
    assert_eq!(names, ["a-b-c", "x", "x-3", "layer-4", "x-2"]);
    assert_eq!(
        notes(&workload),
        [
            "nets/t.csv:2:1: `a/b (c)` is `a-b-c` here: names have 1 to 64 of A-Z a-z 0-9 _ - .",
            "nets/t.csv:4:1: one more layer is named `x`: this one is `x-3`",
            "nets/t.csv:5:1: a layer without a name is `layer-4`",
        ]
    );
    let often = read(&format!("{GEMM}{}", "y', 1, 1, 1\n".repeat(5)));
    assert_eq!(
        notes(&often),
        [
            "nets/t.csv:2:1: `y'` is `y` here, 5 times: names have 1 to 64 of A-Z a-z 0-9 _ - .",
            "nets/t.csv:3:1: 4 more layers are named `y`: they are `y-2` to `y-5`",
        ]
    );
    let odd = Workload::from_topology("/x/\u{e4}.csv", format!("{GEMM}a,1,1,1"), None).expect("a topology");
    assert_eq!(odd.name, "topology");
}

#[test]
fn a_form_is_recognised_by_the_header_or_the_columns_and_can_be_given() {
    let form = |text: &str, form| Topology::parse("t", text, form).map(|(topology, _)| topology.form);
    assert_eq!(form("L,M,N,K,\na,1,2,3", None).expect("by its header"), TopologyForm::Gemm);
    assert_eq!(form("x\nhead,\na,1,2,3,2:4", None).expect("by its columns"), TopologyForm::Gemm);
    assert_eq!(form("x\na,5,5,3,3,1,1,1,9,9", None).expect("by its columns"), TopologyForm::Conv);
    let text = "x\na,5,5,3,3,1,1,1";
    assert_eq!(form(text, Some(TopologyForm::Gemm)).expect("as told"), TopologyForm::Gemm);
    let told = Topology::parse("t", text, Some(TopologyForm::Gemm)).expect("as told").0;
    assert!(matches!(&told.rows[0], TopologyRow::Gemm(row) if (row.m, row.n, row.k) == (5, 5, 3)));
}

#[test]
fn a_broken_row_is_refused_at_its_cell() {
    let conv = |row: &str| refused(&format!("{CONV}ok, 9, 9, 3, 3, 1, 1, 1,\n{row}\n"), None);
    let code = |what: &str| format!("workload::topology_{what}");
    for (row, what, message, place) in [
        ("a, 9, B, 3, 3, 1, 1, 1,", "number", "the width of the input is no whole number: `B`", "B"),
        ("a, 9, 9, 3, 3, 1 2, 1, 1,", "number", "the number of channels is no whole number: `1 2`", "1 2"),
        ("a, 9, 9, 3, 3, 1, 1, 0,", "number", "the stride is 0, out of range", "0"),
        ("a, -9, 9, 3, 3, 1, 1, 1,", "number", "the height of the input is no whole number: `-9`", "-9"),
        ("a, 9, 9, 3, 3, 1, 1.5, 1,", "number", "the number of filters is no whole number: `1.5`", "1.5"),
        ("a, 16777217, 9, 3, 3, 1, 1, 1,", "number", "the height of the input is 16777217, out of range", "16777217"),
        (
            "a, 9, 99999999999999999999, 3, 3, 1, 1, 1,",
            "number",
            "the width of the input is no whole number: `99999999999999999999`",
            "99999999999999999999",
        ),
        ("a, 9, 9, 3, 3, , 1, 1,", "missing", "`a` has no number for the number of channels", ""),
        ("a, 9, 9, 3, 3, 1, 1", "missing", "`a` has no number for the stride", ""),
        ("a, 9, 9, 10, 3, 1, 1, 1,", "filter", "the filter of `a` is 10 high, its input 9", "10"),
        ("a, 9, 9, 3, 11, 1, 1, 1,", "filter", "the filter of `a` is 11 wide, its input 9", "11"),
        ("a, 9, 9, 3, 3, 1, 1, 1, 5:4,", "sparsity", "`5:4` is no sparsity", "5:4"),
        ("a, 9, 9, 3, 3, 1, 1, 1, 0:4,", "sparsity", "`0:4` is no sparsity", "0:4"),
    ] {
        assert_eq!(conv(row), [code(what), message.to_owned(), place.to_owned()], "{row}");
    }
    let batch = format!("{}Batch Size,\na, 9, 9, 3, 3, 1, 1, 1, x,", CONV.trim_end());
    assert_eq!(refused(&batch, None)[1..], ["the batch size is no whole number: `x`", "x"]);
    let named = "Layer Name, M, N, K, Sparsity,\na, 3, 5, 16, half,\n";
    assert_eq!(refused(named, None)[0], code("sparsity"));
}

#[test]
fn a_file_without_layers_or_without_a_form_is_refused() {
    for text in ["", "\n\n", CONV, "\u{feff}", &format!("{CONV},,,,\nheading,\n#x\n")] {
        assert_eq!(refused(text, Some(TopologyForm::Conv))[0], "workload::topology_empty", "{text:?}");
    }
    assert_eq!(
        refused("x\na,1,2\n", None),
        ["workload::topology_form", "this topology may be one of convolutions or of GEMMs", "a"]
    );
}

#[test]
fn more_work_than_can_be_counted_is_refused() {
    let most = 1 << 24;
    let text = format!("{GEMM}a, {most}, {most}, 16,\nb, {most}, {most}, 1,\n");
    assert_eq!(refused(&text, None)[1..], ["up to `b` there are more than 2^52 multiply-accumulates", "b"]);
    let vast = format!("{CONV}DP, {most}, {most}, {most}, {most}, {most}, {most}, 1,\n");
    assert_eq!(refused(&vast, None)[0], "workload::topology_too_large");
    let batch = format!("{},Batch,\na, 1, 1, 1, 1000001,", GEMM.trim_end_matches([',', '\n']));
    assert_eq!(refused(&batch, None)[1], "`a` occurs 1000001 times");
}

/// Cycles of such a layer follow from its extents; it is its values that are too many.
#[test]
fn a_layer_that_is_too_large_to_run_is_read_and_refused_before_memory_is_taken() {
    let workload = read(&format!("{GEMM}small, 2, 2, 2,\nvast, 1000000, 1000, 10000,\n"));
    assert_eq!(shapes(&workload)[1].1, [1_000_000, 1000, 10_000]);
    let mut ran = 0;
    let outcome = run_network(&workload, OperandWidths::signed(8, 8), |layer| {
        ran += 1;
        layer.multiply(|a, b| Ok::<_, WorkloadError>(reference(a, b))).map(Some)
    });
    assert!(matches!(outcome, Err(WorkloadError::TooMuchWork { ref layer, .. }) if layer == "vast"), "{outcome:?}");
    assert_eq!(ran, 0);
}

#[test]
fn values_are_drawn_and_follow_from_the_seed_and_the_name() {
    let operands = |workload: &Workload| {
        let mut seen = Vec::new();
        run_network(workload, OperandWidths::signed(8, 8), |layer| {
            seen.push(layer.first());
            layer.multiply(|a, b| Ok::<_, WorkloadError>(reference(a, b))).map(Some)
        })
        .expect("a small run");
        seen
    };
    let text = format!("{GEMM}a, 4, 5, 6,\nb, 4, 5, 6,\n");
    let (first, again, other) = (operands(&read(&text)), operands(&read(&text)), operands(&read(&text).with_seed(1)));
    assert_eq!(first, again);
    assert!(first[0] != first[1] && first[0] != other[0]);
}

/// Pieces that topologies are made of.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(",".to_owned()),
        2 => Just("\n".to_owned()),
        1 => prop::sample::select(vec!["\r", "\r\n", "\t", ";", "\"", ":", "\u{feff}", "\u{a0}", "DP", "#", "Batch Size", "M", "Sparsity"]).prop_map(str::to_owned),
        4 => any::<u16>().prop_map(|number| number.to_string()),
        1 => any::<u64>().prop_map(|number| number.to_string()),
        1 => any::<char>().prop_map(String::from),
    ]
}

/// Reads it in every form; notes and errors are of places that exist.
fn survives(text: &str) {
    let lines = text.matches('\n').count() + 1;
    for form in [None, Some(TopologyForm::Gemm), Some(TopologyForm::Conv)] {
        match Workload::from_topology("t.csv", text.to_owned(), form) {
            Ok(workload) => {
                let mut names: Vec<&str> = workload.layers.iter().map(|layer| layer.name.as_str()).collect();
                assert!(workload.layers.iter().all(|layer| layer.macs() > 0));
                assert!(workload.notes.iter().all(|note| note.line <= lines && note.column >= 1));
                names.sort_unstable();
                names.dedup();
                assert_eq!(names.len(), workload.layers.len(), "names are unique");
            }
            Err(error) => {
                let rendered = bitweight::mistake::render(&error, false, true);
                assert!(rendered.contains("workload::topology_") && rendered.contains("help"), "{rendered}");
            }
        }
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        survives(&text);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        survives(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_rows_make_the_reader_panic(has_header in any::<bool>(), pieces in prop::collection::vec(piece(), 0..80)) {
        let header = if has_header { CONV } else { "" };
        survives(&format!("{header}{}", pieces.concat()));
    }
}
