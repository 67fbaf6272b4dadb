//! The pages that `explain` prints for the errors of workloads.

use super::{onnx, scalesim, tensor};

/// Each code of this module with its page; those about files of tensors, topologies and models come last.
pub fn error_codes() -> Vec<(&'static str, &'static str)> {
    PAGES.iter().chain(&tensor::PAGES).chain(&scalesim::PAGES).chain(&onnx::PAGES).copied().collect()
}

static PAGES: [(&str, &str); 25] = [
    (
        "workload::not_found",
        "\
A workload is named by a shipped one (`bitweight list workloads`) or by the path of a file: TOML, a
topology of SCALE-Sim if it ends in .csv, an ONNX model if it ends in .onnx. A shipped name wins
over a file of the same name; write ./NAME for the file.
",
    ),
    (
        "workload::cannot_read",
        "\
The workload file exists but could not be read: no permission, a folder, bytes that are not UTF-8,
or more than 4 MiB of text. Values belong in files beside the TOML.
",
    ),
    (
        "workload::syntax",
        "\
The file is not TOML. Frequent reasons: a string without its closing quote, `[gemm]` where
`[[gemm]]` begins one more layer, an inline table { .. } spread over several lines.
",
    ),
    (
        "workload::unknown_key",
        "\
Every key of a workload file must mean something, so that a slip of the fingers does not silently
leave a default in place.

At the top: name, seed, values and any number of [[gemm]], [[conv]] and [[attention]].
In a [[gemm]]: name, m, n, k, products, repeat, a, b, bias, requantize, labels.
In a [[conv]]: name, input, filters, kernel, stride, padding, dilation, groups, batch, repeat, a, b,
bias, requantize.
In an [[attention]]: name, queries, context, heads, kv-heads, head-dim, repeat.
In values, a and b: distribution with std or scale; npy, npz, safetensors or onnx with tensor,
packed, transpose, quantize, codes and exponents; or layer. And sparsity.
In bias and labels: npy, npz, safetensors or onnx with tensor.
In requantize: multiplier, shift, zero-point, relu, bits.
",
    ),
    (
        "workload::missing_key",
        "\
A workload needs a name. A [[gemm]] needs name, m, n and k; a [[conv]] name, input, filters and
kernel; an [[attention]] name, queries, heads and head-dim. A bias and labels need a file. In a
requantize multiplier and shift need each other; without both a result goes on as real numbers.
Everything else has a default: seed 0, values uniform over the operand's range, repeat 1,
zero-point 0, no ReLU, 8 bits.
",
    ),
    (
        "workload::wrong_type",
        "\
The value is of another type than the key wants: m, n, k, repeat, seed and the numbers of requantize
are integers, std and scale are numbers, relu is true or false, names and paths are strings in
double quotes.
",
    ),
    (
        "workload::no_layers",
        "\
A workload has at least one [[gemm]]:

  [[gemm]]
  name = \"layer\"
  m = 64
  n = 64
  k = 64
",
    ),
    (
        "workload::bad_name",
        "\
Names become columns of tables and parts of file names, so they have 1 to 64 letters (A to Z),
digits, `_`, `-` and `.`, and begin with a letter or a digit.
",
    ),
    (
        "workload::duplicate_layer",
        "\
Results are listed by the name of the layer, `a = { layer = \"fc1\" }` finds its input by it, and
drawn values follow from it. So each name occurs once. A product that occurs many times with the
same shape is one layer with `repeat`.
",
    ),
    (
        "workload::bad_extent",
        "\
m, n and k are 1 to 16,777,216 and repeat is 1 to 1,000,000. A product with an empty side takes no
cycles: leave it out.
",
    ),
    (
        "workload::too_much_work",
        "\
Cycles of engines that skip digits follow from the digits, so every element of an operand is made
or read once: at most 2^33 of them in a layer. Multiply-accumulates are counted in 64 bits: at most
2^56 in a layer, repetitions included. What is counted of a layer is kept for each PE, so a workload
has at most 2^13 layers.
",
    ),
    (
        "workload::too_large",
        "\
The matrices of one layer may take 1 GiB: 4 bytes for each value of A and B, 16 for each value of C
(the engine's and the reference's), and 4 for each requantised result kept for later layers. The
limit is checked before memory is taken. A product larger than that can be split along m or n into
layers of its own without changing its cycles much.
",
    ),
    (
        "workload::unknown_distribution",
        "\
  uniform      every value of the operand's range equally often
  normal       mean 0, `std`
  laplace      mean 0, density e^(-|x|/scale) / (2 scale), `scale`
  half-normal  the magnitude of a normal variable, `std`

The real variable is rounded to the nearest integer and clipped to the operand's range. Values are
drawn by inverting the exact distribution in integers with ChaCha8, so a seed gives the same values
on every machine.
",
    ),
    (
        "workload::bad_distribution",
        "\
normal and half-normal take `std`, laplace takes `scale`, uniform takes nothing. Widths are finite,
above 0, and in units of the integer operand: std = 20.0 with 8-bit operands reaches from about -80
to 80.
",
    ),
    (
        "workload::bad_sparsity",
        "\
`sparsity` says what is made 0 of a tensor, in exactly one way:

  { bernoulli = 0.5 }             each value with this probability
  { magnitude = 0.7 }             this part of the values, those of the least magnitude
  { n-of-m = [2, 4] }             of every 4 values along K all but the 2 greatest magnitudes
  { block = [4, 4], zero = 0.5 }  this part of the blocks, those whose squares have the least sum

Parts are 0.0 to 1.0, with at most nine decimals, and are taken as decimals, exactly. In n-of-m n is
1 to m, and m at most 1024. A block has 1 to 128 rows and columns, and no more than the operand of a
product: A is M x K, B is K x N. Blocks at its edges may be smaller, and so may the last group.
",
    ),
    (
        "workload::ambiguous_values",
        "\
The values of a tensor come from exactly one place: { distribution = \"normal\", std = 20.0 } draws
them, { npy = \"a.npy\" } reads them from a file, { layer = \"fc1\" } takes the requantised result
of an earlier layer. `values` at the top of the file is what all other tensors get, so it can only
be a distribution.
",
    ),
    (
        "workload::scaled",
        "\
The design has operands in a format with scales of its own (mxint8, mxfp4, mxfp6, fp8), or results
are to be real numbers, and the workload asks for what does not go with that.

Blocks of MX have 32 elements along K and a shared exponent each, so sums over K have no common
scale: a bias is real numbers (float32), requantize has no multiplier and shift, and `quantize` has
nothing to choose. What an earlier layer makes with multiplier and shift are integers and not
elements.

requantize = {} or { relu = true } passes results on as real numbers in single precision, which the
next layer quantises. For that it is known what 1 of a and of b is: they come from files of floats
or from layers that pass real numbers on, or are drawn in a format with scales. The channels of a
convolution's input are summed, so they share one scale. A scale or a result that single precision
cannot hold is an error, and so is a number below 0 for an unsigned operand.

Codes are elements already: nothing says which of them to make 0, those of NaN and infinities have
no digits, and in the windows of a convolution their blocks would lie along the wrong extent.
",
    ),
    (
        "workload::value_out_of_range",
        "\
A value from a file, or from an earlier layer, does not fit in the operand of this design:
[operands] a = \"int8\" holds -128 to 127, \"uint8\" 0 to 255. uint8 data above 127 needs the latter,
or a zero point: subtract 128, and fold 128 times the sum of each column of B into the bias.
Requantised results are signed: an unsigned operand takes them after a ReLU with a zero point
of 0 or more.
",
    ),
    (
        "workload::unknown_layer",
        "\
{ layer = \"..\" } names a layer that stands earlier in the same file. Layers run in the order in
which they are written.
",
    ),
    (
        "workload::chained_shape",
        "\
The result of a layer is M x N. As the next layer's a it must be M x K of that layer, so the m are
equal and the k is the earlier n; as its b it must be K x N.
",
    ),
    (
        "workload::not_requantized",
        "\
The result of a product has the width of the accumulator, 32 bits as a rule. To be an operand again
it is requantised:

  acc  = sum over k of A[m,k] * B[k,n] + bias[n]
  q    = ((acc * multiplier + 2^(shift-1)) >> shift) + zero-point
  q    = clamp(q, relu ? zero-point : least, greatest)

with the quotient rounded to the nearest integer, halves up. multiplier / 2^shift is scale(A) *
scale(B) / scale(result). The zero point of A is no part of the product: fold -zero_point(A) * (sum
of the column of B) into the bias.

Where a and b are quantised from real numbers, requantize = {} or { relu = true } passes real
numbers on instead, which the later layer quantises.
",
    ),
    (
        "workload::bad_shape",
        "\
A convolution has channels / groups channels and filters / groups filters in each group, so groups
divides both; a filter, dilated, is at most as large as its padded input; strides and dilations are
at least 1. Attention stacks the queries of heads / kv-heads heads, so kv-heads divides heads.
",
    ),
    (
        "workload::several_results",
        "\
A layer with `products` above 1, such as the heads of attention, has as many results, which no
later layer can read as one matrix. The groups of a convolution stand side by side in one result.
",
    ),
    (
        "workload::bad_requantize",
        "\
multiplier is 1 to 2^31 - 1, shift 0 to 62, bits 2 to 16 (default 8), and zero-point fits in bits.
bits and zero-point belong to integers: without multiplier and shift there is none of them.
See `bitweight explain workload::not_requantized` for the arithmetic.
",
    ),
    (
        "workload::bad_label",
        "\
Where a layer has labels, the greatest value of each row of its result is the prediction, the first
of equal ones. A label is the column that should win, counted from 0, so it is less than n.
",
    ),
];
