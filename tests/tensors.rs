//! Tensors from files: the integers that numpy makes of them, and files that are not what they should be.
//!
//! `scripts/tensor_fixtures.py` writes the files and, by the documented rule in numpy, the integers to expect.

mod mutations;
#[path = "tensors/stored.rs"]
mod stored;

use std::path::Path;
use std::process::Command;

use bitweight::{
    encoding::Format,
    matrix::Matrix,
    workload::{LayerOperands, OperandWidths, TensorRecord, Workload, WorkloadError, reference, run_network},
};
use miette::Diagnostic;
use mutations::{Outcomes, fresh};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::Deserialize;

const COMMITTED: &str = "tests/data/tensors";

/// A tensor and the integers that it must become.
#[derive(Debug, Deserialize)]
struct Case {
    keys: String,
    operand: String,
    bits: u32,
    signed: bool,
    rows: usize,
    cols: usize,
    integers: Vec<i32>,
    zeros: u64,
    /// The least and the greatest scale of reals, as the bits of doubles.
    scales: Option<[u64; 2]>,
}

/// An operand of `rows` x `cols` from the `keys` of a workload in `folder`; the other one is drawn.
fn load(
    folder: &Path,
    keys: &str,
    operand: &str,
    extents: (usize, usize),
    format: Format,
) -> Result<(Matrix<i32>, TensorRecord), WorkloadError> {
    load_beside("", folder, keys, operand, extents, format)
}

/// The same with a line that says where the other one comes from.
fn load_beside(
    other: &str,
    folder: &Path,
    keys: &str,
    operand: &str,
    (rows, cols): (usize, usize),
    format: Format,
) -> Result<(Matrix<i32>, TensorRecord), WorkloadError> {
    let (m, n, k) = if operand == "a" { (rows, 1, cols) } else { (1, cols, rows) };
    let text =
        format!("name = \"t\"\n[[gemm]]\nname = \"one\"\nm = {m}\nn = {n}\nk = {k}\n{operand} = {keys}\n{other}");
    let workload = Workload::from_text("t.toml", text, folder.to_path_buf())?;
    let (bits, signed) = (format.bits, format.signed);
    let widths = OperandWidths { a_bits: bits, a_signed: signed, b_bits: bits, b_signed: signed };
    let mut found = None;
    run_network(&workload, widths, |layer: &LayerOperands<'_>| {
        let (a, b) = layer.first();
        let c = reference(&a, &b);
        found = Some((if operand == "a" { a } else { b }, layer.records[0].clone()));
        assert_eq!(layer.records.len(), 1 + usize::from(!other.is_empty()), "what is drawn has no record");
        Ok::<_, WorkloadError>(Some(c))
    })?;
    Ok(found.expect("a workload has a layer"))
}

/// A of 2 x 3 as `int8`.
fn load_a(folder: &Path, keys: &str) -> Result<(Matrix<i32>, TensorRecord), WorkloadError> {
    load(folder, keys, "a", (2, 3), Format::int(8))
}

fn code(error: &WorkloadError) -> String {
    error.code().expect("every error has a code").to_string()
}

/// Holds every case of a folder that the script wrote; says how many there were.
fn hold(folder: &Path) -> usize {
    let text = std::fs::read_to_string(folder.join("cases.json")).expect("the cases");
    let cases: Vec<Case> = serde_json::from_str(&text).expect("cases as the script writes them");
    for case in &cases {
        let format = Format { bits: case.bits, signed: case.signed, element: None };
        let shown = format!("{} = {} as {format}", case.operand, case.keys);
        let (matrix, record) = load(folder, &case.keys, &case.operand, (case.rows, case.cols), format)
            .unwrap_or_else(|error| panic!("{shown}: {error}"));
        assert_eq!(matrix.values(), case.integers, "{shown}");
        assert_eq!((record.zeros, record.elements), (case.zeros, case.integers.len() as u64), "{shown}");
        // To the bit: numpy divides the same doubles.
        let scales =
            record.quantized.as_ref().map(|quantized| [quantized.scale_min.to_bits(), quantized.scale_max.to_bits()]);
        assert_eq!(scales, case.scales, "{shown}");
        if let Some(quantized) = &record.quantized {
            assert_eq!((quantized.clipped, quantized.format), (0, format), "{shown}");
            let channels = if case.operand == "a" { case.rows } else { case.cols };
            let scales = if case.keys.contains("per-channel") { channels } else { 1 };
            assert_eq!(quantized.scales, scales as u64, "{shown}");
        }
    }
    cases.len()
}

#[test]
fn committed_tensors_become_the_integers_that_numpy_makes_of_them() {
    assert!(hold(Path::new(COMMITTED)) > 80);
}

#[test]
fn fresh_tensors_become_the_integers_that_numpy_makes_of_them() {
    // Debian's numpy belongs to Debian's Python, which need not be the first one.
    let has_numpy = |python: &&str| {
        let tried = Command::new(python).args(["-c", "import numpy"]).output();
        tried.is_ok_and(|output| output.status.success())
    };
    let Some(python) = ["python3", "/usr/bin/python3"].into_iter().find(|python| has_numpy(python)) else {
        println!("skipped: no python3 with numpy to make fresh tensors");
        return;
    };
    for seed in ["2", "3", "4"] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let script = ["scripts/tensor_fixtures.py", "cases"];
        let made = Command::new(python).args(script).arg(folder.path()).args(["--seed", seed]).output();
        let made = made.expect("the script runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        assert!(hold(folder.path()) > 80);
    }
}

#[test]
fn a_record_says_what_was_stored_and_what_was_done() {
    let keys = "{ safetensors = \"model.safetensors\", tensor = \"fc2.weight\", transpose = true, \
                quantize = \"per-channel\" }";
    let (_, record) = load(Path::new(COMMITTED), keys, "b", (10, 6), Format::int(8)).unwrap();
    assert_eq!((record.operand, record.file.as_str()), ("b", "model.safetensors"));
    assert_eq!(record.tensor.as_deref(), Some("fc2.weight"));
    assert_eq!((record.dtype.as_str(), record.transposed), ("bfloat16", true));
    assert_eq!(record.shape, [6, 10]);
    // A column of zeros has scale 1, the greatest here or not; the others are what their greatest magnitude asks for.
    assert_eq!(record.quantized.as_ref().map(|quantized| quantized.scales), Some(6));
    let packed = "{ safetensors = \"model.safetensors\", tensor = \"fc6.packed\", packed = \"int4\" }";
    let (_, record) = load(Path::new(COMMITTED), packed, "a", (6, 10), Format::int(4)).unwrap();
    assert_eq!((record.dtype.as_str(), record.shape.as_slice()), ("int4", &[6, 5][..]));
    assert_eq!(record.quantized, None);
}

#[test]
fn files_of_the_safetensors_package_are_read() {
    use safetensors::{Dtype, serialize, tensor::TensorView};
    let folder = tempfile::tempdir().unwrap();
    let bytes = [1_u8, 2, 3, 252, 5, 127];
    let other = [0_u8; 12];
    let tensors = [
        ("w", TensorView::new(Dtype::I8, vec![2, 3], &bytes).unwrap()),
        ("a", TensorView::new(Dtype::F16, vec![6], &other).unwrap()),
    ];
    let remarks = std::collections::HashMap::from([("format".to_owned(), "pt".to_owned())]);
    let file = serialize(tensors, Some(remarks)).unwrap();
    std::fs::write(folder.path().join("m.safetensors"), file).unwrap();
    let (matrix, _) = load_a(folder.path(), "{ safetensors = \"m.safetensors\", tensor = \"w\" }").unwrap();
    assert_eq!(matrix.values(), [1, 2, 3, -4, 5, 127]);
}

/// Files of three tensors in some order, half of them with one number changed.
#[test]
fn places_of_tensors_are_refused_where_the_safetensors_package_refuses_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("b.npy"), npy("|i1", "(3, 1)", &[0; 3])).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let mut below = |limit: u64| random.next_u64() % limit;
    let (mut sound, mut unsound) = (0, 0);
    for _ in 0..3000 {
        let mut tensors = vec![("w", 6, "[2,3]".to_owned())];
        for name in ["x", "y"] {
            let length = below(4);
            tensors.insert(below(tensors.len() as u64 + 1) as usize, (name, length, format!("[{length}]")));
        }
        let mut offsets = Vec::new();
        let mut length = 0;
        for (_, bytes, _) in &tensors {
            offsets.extend([length, length + bytes]);
            length += bytes;
        }
        // One number, or a whole tensor moved, or the file cut or longer.
        let at = below(6) as usize;
        let by = 1 + below(3);
        match below(6) {
            0 => offsets[at] += by,
            1 => offsets[at] = offsets[at].saturating_sub(by),
            2 => offsets[at / 2 * 2..at / 2 * 2 + 2].iter_mut().for_each(|offset| *offset += by),
            3 => length = (length + by).saturating_sub(2),
            _ => {}
        }
        let places = tensors.iter().zip(offsets.chunks(2));
        let entries = places.map(|((name, _, shape), place)| {
            format!("\"{name}\":{{\"dtype\":\"I8\",\"shape\":{shape},\"data_offsets\":[{},{}]}}", place[0], place[1])
        });
        let header = format!("{{{}}}", entries.collect::<Vec<_>>().join(","));
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.extend((0..length).map(|index| index as u8));
        fresh(&folder.path().join("m"), &bytes);
        let keys = "{ safetensors = \"m\", tensor = \"w\" }";
        let ours = load_beside("b = { npy = \"b.npy\" }\n", folder.path(), keys, "a", (2, 3), Format::int(8));
        match (ours, safetensors::SafeTensors::deserialize(&bytes)) {
            (Ok((matrix, _)), Ok(package)) => {
                let expected = package.tensor("w").unwrap().data().iter().map(|&byte| i32::from(byte));
                assert_eq!(matrix.values(), expected.collect::<Vec<_>>(), "{header}");
                sound += 1;
            }
            (Err(error), Err(_)) => {
                assert!(["workload::tensor_format", "workload::tensor_length"].contains(&code(&error).as_str()));
                unsound += 1;
            }
            (ours, package) => panic!("{header} with {length} bytes: {ours:?}, and the package: {:?}", package.err()),
        }
    }
    assert!(sound > 1000 && unsound > 500, "{sound} and {unsound}");
}

#[test]
fn a_bias_and_labels_come_from_archives_too_and_are_never_quantised() {
    let folder = tempfile::tempdir().unwrap();
    let header = |dtype: &str, end: usize| {
        let text = format!("{{\"bias\":{{\"dtype\":\"{dtype}\",\"shape\":[2],\"data_offsets\":[0,{end}]}}}}");
        let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
        bytes.extend(text.as_bytes());
        bytes
    };
    let run = |bytes: &[u8]| {
        std::fs::write(folder.path().join("m.safetensors"), bytes).unwrap();
        let text = "name = \"t\"\n[[gemm]]\nname = \"one\"\nm = 1\nn = 2\nk = 1\n\
                    bias = { safetensors = \"m.safetensors\", tensor = \"bias\" }\n\
                    requantize = { multiplier = 1, shift = 0, bits = 16 }\n";
        let workload = Workload::from_text("t.toml", text.to_owned(), folder.path().to_path_buf())?;
        run_network(&workload, OperandWidths::signed(8, 8), |_| Ok::<_, WorkloadError>(Some(Matrix::filled(1, 2, 0))))
    };
    let whole = [header("I32", 8), (-7_i32).to_le_bytes().to_vec(), 300_i32.to_le_bytes().to_vec()].concat();
    assert_eq!(run(&whole).unwrap()[0].output.as_ref().unwrap().values(), [-7, 300]);
    let real = [header("F32", 8), vec![0; 8]].concat();
    assert_eq!(code(&run(&real).unwrap_err()), "workload::tensor_dtype");
}

#[test]
fn keys_that_have_no_meaning_are_errors() {
    for (expected, keys) in [
        ("bad_tensor_key", "{ npy = \"float32.npy\", tensor = \"x\" }"),
        ("bad_tensor_key", "{ npy = \"float32.npy\", packed = \"int5\" }"),
        ("bad_tensor_key", "{ npy = \"float32.npy\", quantize = \"per-row\" }"),
        ("bad_tensor_key", "{ npy = \"int4_fortran.npy\", packed = \"int4\", quantize = \"per-channel\" }"),
        ("bad_tensor_key", "{ distribution = \"uniform\", transpose = true }"),
        ("bad_tensor_key", "{ layer = \"one\", quantize = \"per-channel\" }"),
        ("ambiguous_values", "{ npy = \"float32.npy\", npz = \"stored.npz\", tensor = \"int8\" }"),
        ("ambiguous_values", "{ npz = \"stored.npz\", tensor = \"int8\", distribution = \"uniform\" }"),
        ("unknown_tensor", "{ npz = \"stored.npz\" }"),
        ("unknown_tensor", "{ npz = \"stored.npz\", tensor = \"int9\" }"),
        ("unknown_tensor", "{ safetensors = \"model.safetensors\" }"),
        ("tensor_format", "{ npy = \"stored.npz\" }"),
        ("tensor_format", "{ npz = \"model.safetensors\", tensor = \"fc1.weight\" }"),
        ("tensor_format", "{ safetensors = \"stored.npz\", tensor = \"int8\" }"),
        ("tensor_dtype", "{ npz = \"stored.npz\", tensor = \"int8\", quantize = \"per-channel\" }"),
        ("tensor_dtype", "{ npy = \"float32.npy\", packed = \"uint4\" }"),
        ("wrong_type", "{ npy = \"float32.npy\", transpose = \"yes\" }"),
        ("file_not_found", "{ npz = \".\", tensor = \"int8\" }"),
        ("file_not_found", "{ safetensors = \".\", tensor = \"int8\" }"),
    ] {
        let error = load(Path::new(COMMITTED), keys, "a", (6, 10), Format::int(8)).unwrap_err();
        assert_eq!(code(&error), format!("workload::{expected}"), "{keys}: {error}");
    }
}

#[test]
fn reals_that_have_no_integer_are_told_with_their_place_in_the_file() {
    let keys = "{ npy = \"float32.npy\", transpose = true }";
    let (signed, _) = load(Path::new(COMMITTED), keys, "a", (10, 6), Format::int(8)).unwrap();
    // The first that is below 0 in the order of the file, whose rows are the columns of the operand.
    let first = (0..60).map(|index| (index / 10, index % 10)).find(|&(row, col)| signed[(col, row)] < 0).unwrap();
    let error = load(Path::new(COMMITTED), keys, "a", (10, 6), Format::uint(8)).unwrap_err();
    assert_eq!(code(&error), "workload::bad_real");
    assert!(error.to_string().contains(&format!("at [{}, {}] is -0.", first.0, first.1)), "{error} and not {first:?}");
    assert!(error.help().is_some_and(|help| help.to_string().contains("signed")));
    let folder = tempfile::tempdir().unwrap();
    let values: Vec<u8> = [0.0, 5e-324, 0.0, 0.0, 0.0, 0.0_f64].iter().flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(folder.path().join("a.npy"), npy("<f8", "(2, 3)", &values)).unwrap();
    let error = load_a(folder.path(), "{ npy = \"a.npy\" }").unwrap_err();
    assert!(error.to_string().contains("5e-324, too small to be scaled"), "{error}");
}

#[test]
fn a_shape_that_almost_fits_is_told_how_to() {
    let help = |keys: &str, extents| {
        let error = load(Path::new(COMMITTED), keys, "a", extents, Format::int(8)).unwrap_err();
        assert_eq!(code(&error), "workload::tensor_shape", "{error}");
        error.help().expect("a help").to_string()
    };
    assert!(help("{ npy = \"float32.npy\" }", (10, 6)).contains("add transpose = true"));
    assert!(help("{ npy = \"float32.npy\", transpose = true }", (6, 10)).contains("leave `transpose` out"));
    assert!(help("{ npy = \"int4_fortran.npy\" }", (6, 10)).contains("add packed"));
    let both = help("{ npy = \"int4_fortran.npy\" }", (10, 6));
    assert!(both.contains("add packed") && both.contains("transpose"), "{both}");
    assert!(help("{ npy = \"float32.npy\" }", (6, 11)).contains("a is M x K"));
}

/// A `.npz` file of one entry, with the sizes and the checksum that its values have.
fn npz(method: rawzip::CompressionMethod, values: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut archive = rawzip::ZipArchiveWriter::new(Vec::new());
    let (mut entry, config) = archive.new_file("a.npy").compression_method(method).start().unwrap();
    let descriptor = if method == rawzip::CompressionMethod::DEFLATE {
        let encoder = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::best());
        let mut writer = config.wrap(encoder);
        writer.write_all(values).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        descriptor
    } else {
        let mut writer = config.wrap(&mut entry);
        writer.write_all(values).unwrap();
        writer.finish().unwrap().1
    };
    entry.finish(descriptor).unwrap();
    archive.finish().unwrap()
}

/// A `.npy` file of version 1.
fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

#[test]
fn a_header_that_is_not_read_is_not_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let message = |file: &[u8]| {
        std::fs::write(folder.path().join("m.npy"), file).unwrap();
        let error = load_a(folder.path(), "{ npy = \"m.npy\" }").unwrap_err();
        assert_eq!(code(&error), "workload::tensor_format");
        error.to_string()
    };
    let mut newer = npy("|i1", "(2, 3)", &[0; 6]);
    newer[6] = 9;
    let expected = "m.npy is a .npy file that is not read: its format has the version 9, and 1 to 3 are read";
    assert_eq!(message(&newer), expected);
    let long = npy("|i1", &format!("(2, 3){}", " ".repeat(5000)), &[0; 6]);
    assert!(message(&long).starts_with("m.npy is a .npy file that is not read: its header claims 50"));
    assert!(message(b"no array at all").starts_with("m.npy is not a .npy file: "));
}

#[test]
fn entries_that_claim_or_hold_too_much_are_refused_before_they_are_inflated() {
    let folder = tempfile::tempdir().unwrap();
    let load = |file: &[u8]| {
        std::fs::write(folder.path().join("m.npz"), file).unwrap();
        code(&load_a(folder.path(), "{ npz = \"m.npz\", tensor = \"a\" }").unwrap_err())
    };
    let deflate = rawzip::CompressionMethod::DEFLATE;
    let claim = npy("|i1", "(1000000, 1000000)", &[0; 100]);
    assert_eq!(load(&npz(deflate, &claim)), "workload::tensor_shape");
    // 64 MB behind six values: one byte more than those is read.
    let bomb = npy("|i1", "(2, 3)", &vec![0; 64 << 20]);
    assert_eq!(load(&npz(deflate, &bomb)), "workload::tensor_length");
    assert_eq!(load(&npz(rawzip::CompressionMethod::STORE, &npy("|i1", "(2, 3)", &[0; 5]))), "workload::tensor_length");
    // Cut inside the compressed stream, with a directory that is whole.
    let header = npy("|i1", "(1, 6)", &[]);
    assert_eq!(load(&npz(rawzip::CompressionMethod::ZSTD, &header)), "workload::tensor_format");
}

#[test]
fn the_memory_for_loading_is_counted_before_it_is_taken() {
    // 704 MiB for A and 256 for the results; while A is loaded it takes 352 beside it.
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("a.npy")).unwrap();
    std::io::Write::write_all(&mut &file, &npy("|i1", "(16777216, 11)", &[])).unwrap();
    let extents = "m = 16777216\nn = 1\nk = 11\n";
    let load = |values: &str| {
        let text = format!("name = \"t\"\n[[gemm]]\nname = \"one\"\n{extents}a = {values}\n");
        Workload::from_text("t.toml", text, folder.path().to_path_buf()).map(|_| ())
    };
    assert!(load("{ distribution = \"uniform\" }").is_ok());
    let error = load("{ npy = \"a.npy\" }").unwrap_err();
    assert_eq!(code(&error), "workload::too_large");
}

#[test]
fn mutated_files_are_read_or_refused_with_a_code_and_never_panic() {
    let folder = tempfile::tempdir().unwrap();
    let committed = |name: &str| std::fs::read(Path::new(COMMITTED).join(name)).expect("a committed file");
    let numbers = [0_u8, 0, 128, 63, 0, 0, 0, 192, 0, 0, 0, 0, 0, 0, 64, 64, 1, 0, 0, 0, 0, 0, 128, 191];
    let array = npy("<f4", "(2, 3)", &numbers);
    let header = r#"{"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"x":{"dtype":"I8","shape":[2],"data_offsets":[24,26]}}"#;
    let mut tensors = (header.len() as u64).to_le_bytes().to_vec();
    tensors.extend(header.as_bytes());
    tensors.extend(numbers);
    tensors.extend([1, 2]);
    let kinds = [
        ("npy", "", array.clone(), (2, 3)),
        ("npz", "a", npz(rawzip::CompressionMethod::STORE, &array), (2, 3)),
        ("npz", "a", npz(rawzip::CompressionMethod::DEFLATE, &array), (2, 3)),
        ("npz", "half", committed("stored.npz"), (6, 10)),
        ("safetensors", "w", tensors, (2, 3)),
    ];
    let mut random = mutations::source();
    for (kind, tensor, original, extents) in kinds {
        let name = if tensor.is_empty() { String::new() } else { format!(", tensor = \"{tensor}\"") };
        let keys = format!("{{ {kind} = \"m\"{name}, quantize = \"per-channel\" }}");
        let other = npy("|i1", &format!("({}, 1)", extents.1), &vec![0; extents.1]);
        std::fs::write(folder.path().join("b.npy"), other).unwrap();
        let path = folder.path().join("m");
        let Outcomes { read, refused } = mutations::hold((&path, &original), 2000, &mut random, |bytes| {
            // Drawing would take longer than reading.
            let beside = "b = { npy = \"b.npy\" }\n";
            let (matrix, record) = load_beside(beside, folder.path(), &keys, "a", extents, Format::int(8))?;
            assert!(matrix.values().iter().all(|value| (-127..=127).contains(value)));
            assert_eq!(record.quantized.map(|quantized| quantized.clipped), Some(0));
            if kind == "safetensors" {
                let package = safetensors::SafeTensors::deserialize(bytes);
                let refused = package.err().map(|error| error.to_string());
                // Types of other tensors that this program does not know are none of its business.
                let is_sound = refused.as_ref().is_none_or(|reason| reason.contains("invalid JSON"));
                assert!(is_sound, "{refused:?}: {:?}", String::from_utf8_lossy(bytes));
            }
            Ok(())
        });
        // The mutations reach past the first check: several kinds of refusal, and some files that are still sound.
        assert!(read > 20 && refused.len() >= 3, "{kind} {tensor}: {read} read, refused with {refused:?}");
    }
}

/// Tensors of a convolution have as many extents as it has: images and filters from a file convolve as those in memory do.
#[test]
fn a_convolution_reads_its_input_and_filters_with_all_their_extents() {
    let folder = tempfile::tempdir().expect("a folder");
    let npy = |name: &str, shape: &str, values: &[i8]| {
        let header = format!("{{'descr': '|i1', 'fortran_order': False, 'shape': ({shape}), }}");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        let padded = format!("{header:<117}\n");
        bytes.extend((padded.len() as u16).to_le_bytes());
        bytes.extend(padded.as_bytes());
        bytes.extend(values.iter().map(|&value| value as u8));
        std::fs::write(folder.path().join(name), bytes).expect("a file");
    };
    npy("image.npy", "2, 3, 3", &std::array::from_fn::<i8, 18, _>(|index| index as i8 - 9));
    npy("filters.npy", "1, 2, 2, 2", &[1, 0, 0, 0, 0, 0, 0, 2]);
    let run = |input: &str| {
        let text = format!(
            "name = \"t\"\n[[conv]]\nname = \"one\"\ninput = {input}\nfilters = 1\nkernel = [2, 2]\n\
             a = {{ npy = \"image.npy\" }}\nb = {{ npy = \"filters.npy\" }}\n\
             requantize = {{ multiplier = 1, shift = 0 }}\n"
        );
        let workload = Workload::from_text("t.toml", text, folder.path().to_path_buf())?;
        run_network(&workload, OperandWidths::signed(8, 8), |layer| {
            layer.multiply(|a, b| Ok::<_, WorkloadError>(reference(a, b))).map(Some)
        })
    };
    // The upper left of channel 0 and twice the lower right of channel 1: -9 + 2 * 4, ...
    let output = run("[2, 3, 3]").expect("the shapes fit")[0].output.clone().expect("requantised");
    assert_eq!(output.values(), [-9 + 8, -8 + 10, -6 + 14, -5 + 16]);
    let error = run("[3, 2, 3]").expect_err("another shape");
    assert_eq!(error.code().expect("a code").to_string(), "workload::tensor_shape");
}
