//! The pages that `explain` prints for the errors about files of tensors.

/// Each code with its page.
pub(in crate::workload) static PAGES: [(&str, &str); 8] = [
    (
        "workload::file_not_found",
        "\
A file named in the workload could not be opened or read. Paths are relative to the folder of the
workload file, not to the folder in which the command runs. A shipped workload has its files in the
binary.
",
    ),
    (
        "workload::tensor_format",
        "\
The file is not what its key says. npy is what numpy.save writes, npz what numpy.savez and
numpy.savez_compressed write (a zip archive of .npy files), safetensors a header in JSON with the
places of its tensors. Those places must leave no hole, not overlap and end with the file. Pickled
objects and PyTorch's own .pt and .bin files are not read: they are programs.
",
    ),
    (
        "workload::tensor_dtype",
        "\
bool and integers of 8, 16, 32 and 64 bits, signed and unsigned, are read as they are, little or big
endian, C or Fortran order; each has to be a number that its operand holds. float16, bfloat16 (in
safetensors), float32 and float64 are quantised when they are read:

  scale = max |x| / greatest      greatest: 2^(bits-1) - 1 signed, 2^bits - 1 unsigned
  q     = x / scale               rounded to nearest, halves to even, in double precision

with one scale (quantize = \"per-tensor\", the default) or one for each row of A or column of B
(\"per-channel\"). Integers are never rescaled. A bias and labels must be integers. Two 4-bit integers
a byte are read from uint8 or int8 with packed = \"int4\" or \"uint4\", the element with the smaller
index in the lower four bits (\"int4-high-first\": in the upper). float8_e4m3fn and float8_e5m2 of
safetensors are codes of fp8-e4m3 and fp8-e5m2, with codes = true.
",
    ),
    (
        "workload::tensor_shape",
        "\
A is M x K, B is K x N, a bias has N values and labels have M. Weights stored as output x input, as
PyTorch's Linear layers have them, are N x K: transpose = true makes them B. The last extent of
packed 4-bit values is half of that of the operand. Arrays of more extents have to be reshaped.
",
    ),
    (
        "workload::tensor_length",
        "\
The header promises a number of values and the file has fewer or more bytes. A file that was cut by
a broken copy, or to which a second array was appended.
",
    ),
    (
        "workload::unknown_tensor",
        "\
.npz and .safetensors files hold several arrays by name: tensor = \"fc1.weight\" says which. Names of
an .npz file are the keywords that numpy.savez was given, or arr_0, arr_1 .. without them.
",
    ),
    (
        "workload::bad_real",
        "\
A floating-point value that cannot become an integer: not a number, infinite, below zero where the
operand is unsigned, or of a tensor so small that its scale is no normal double. Its place is row
and column in the file, counted from 0.
",
    ),
    (
        "workload::bad_tensor_key",
        "\
tensor, packed, transpose and quantize belong to a tensor from a file:

  b = { safetensors = \"model.safetensors\", tensor = \"fc1.weight\", transpose = true,
        quantize = \"per-channel\" }

packed is int4, uint4, int4-high-first or uint4-high-first; quantize is per-tensor or per-channel,
and has no meaning for integers. In a workload an inline table stands on one line.
",
    ),
];
