//! Numbers of every stored width, and eight-bit floats.

use super::*;

/// numpy's own integers have 64 bits: what counts is whether the operand holds them.
#[test]
fn integers_of_every_width_are_taken_where_the_operand_holds_them() {
    let folder = tempfile::tempdir().unwrap();
    let of = |bytes: usize, values: [i128; 6]| -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()[..bytes].to_vec()).collect()
    };
    let load_npy = |descr: &str, bytes: usize, values| {
        std::fs::write(folder.path().join("a.npy"), npy(descr, "(2, 3)", &of(bytes, values))).unwrap();
        load_a(folder.path(), "{ npy = \"a.npy\" }")
    };
    for (descr, bytes) in [("<i8", 8), ("<i4", 4), ("<i2", 2), ("<i1", 1)] {
        let (matrix, _) = load_npy(descr, bytes, [1, -2, 3, -128, 127, 0]).unwrap();
        assert_eq!(matrix.values(), [1, -2, 3, -128, 127, 0], "{descr}");
    }
    for (descr, bytes) in [("<u8", 8), ("<u4", 4)] {
        let (matrix, record) = load_npy(descr, bytes, [1, 2, 3, 4, 127, 0]).unwrap();
        assert_eq!(matrix.values(), [1, 2, 3, 4, 127, 0], "{descr}");
        assert_eq!(record.dtype, if bytes == 8 { "uint64" } else { "uint32" });
    }
    // The first that does not fit, as it is: none is cut to fewer bits first.
    let beyond = [("<i8", 8, -(1 << 33)), ("<i8", 8, (1 << 32) + 5), ("<u8", 8, (1 << 64) - 1), ("<u4", 4, 1 << 31)];
    for (descr, bytes, value) in beyond {
        let error = load_npy(descr, bytes, [1, 2, 3, 4, value, value]).unwrap_err();
        assert_eq!(code(&error), "workload::value_out_of_range", "{error}");
        let said = format!("a of `one`[1, 1] is {value}, and int8 holds -128 to 127");
        assert!(error.to_string().contains(&said), "{error} and not {said}");
    }
    // A label or a bias of more than 32 bits.
    std::fs::write(folder.path().join("b.npy"), npy("<i8", "(1,)", &of(8, [1 << 40, 0, 0, 0, 0, 0])[..8])).unwrap();
    let keys = "{ npy = \"a.npy\" }\nbias = { npy = \"b.npy\" }";
    load_npy("<i1", 1, [0; 6]).unwrap();
    let error = load_a(folder.path(), keys).unwrap_err();
    assert_eq!(code(&error), "workload::tensor_dtype");
    assert!(error.to_string().contains("1099511627776"), "{error}");
}

/// PyTorch stores FP8 by its type: these are the codes of the format of the same name, and of no other.
#[test]
fn eight_bit_floats_of_safetensors_are_codes_of_their_format() {
    use bitweight::encoding::ElementFormat;
    use safetensors::{Dtype, serialize, tensor::TensorView};
    let folder = tempfile::tempdir().unwrap();
    let bytes = [0x00_u8, 0x38, 0xb8, 0x01, 0x7b, 0x40];
    let of = |dtype| TensorView::new(dtype, vec![2, 3], &bytes).unwrap();
    let file = serialize([("e4m3", of(Dtype::F8_E4M3)), ("e5m2", of(Dtype::F8_E5M2))], None).unwrap();
    std::fs::write(folder.path().join("m.safetensors"), file).unwrap();
    let text = |tensor: &str, codes: &str| {
        let keys = format!("{{ safetensors = \"m.safetensors\", tensor = \"{tensor}\"{codes} }}");
        format!("name = \"t\"\n[[gemm]]\nname = \"one\"\nm = 2\nn = 1\nk = 3\na = {keys}\n")
    };
    let load = |tensor: &str, codes: &str, format: Format| {
        let workload = Workload::from_text("t.toml", text(tensor, codes), folder.path().to_path_buf())?;
        let mut found = None;
        let formats = bitweight::workload::OperandFormats { a: format, b: Format::int(8) };
        run_network(&workload, formats, |layer: &LayerOperands<'_>| {
            found = Some((layer.first().0, layer.records[0].clone()));
            Ok::<_, WorkloadError>(None)
        })?;
        Ok::<_, WorkloadError>(found.expect("a layer"))
    };
    for (tensor, dtype, element) in
        [("e4m3", "float8_e4m3fn", ElementFormat::Fp8E4m3), ("e5m2", "float8_e5m2", ElementFormat::Fp8E5m2)]
    {
        let (matrix, record) = load(tensor, ", codes = true", Format::of(element)).unwrap();
        assert_eq!(matrix.values(), bytes.map(i32::from));
        assert_eq!(record.dtype, dtype);
        let other = if tensor == "e4m3" { ElementFormat::Fp8E5m2 } else { ElementFormat::Fp8E4m3 };
        for (format, codes) in [(Format::of(other), ", codes = true"), (Format::of(element), "")] {
            let error = load(tensor, codes, format).unwrap_err();
            assert_eq!(code(&error), "workload::tensor_dtype", "{format}{codes}: {error}");
            let help = error.help().expect("a help").to_string();
            let wanted = format!("--set operands.a={}", element.name());
            assert!(help.contains("codes = true") && help.contains(&wanted), "{help}");
        }
        // An integer format is none of them either.
        let error = load(tensor, "", Format::int(8)).unwrap_err();
        assert_eq!(code(&error), "workload::tensor_dtype", "{error}");
    }
}
