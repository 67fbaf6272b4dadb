//! What can be wrong with a model, and the pages that `explain` prints.

use super::skeleton::Unfit;
use crate::mistake::Mistake;

/// An error about a file, which has no lines to show.
pub(super) fn mistake(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Mistake {
    Mistake::new(code, message, help)
}

/// The error about a file that is no model.
pub(super) fn unfit(shown: &str, unfit: Unfit) -> Mistake {
    match unfit {
        Unfit::Unreadable(reason) => mistake(
            "workload::cannot_read",
            format!("cannot read the workload {shown}: {reason}"),
            "a workload is a TOML file, a SCALE-Sim CSV or an ONNX model that you may read",
        ),
        Unfit::Format(broken) => broken.shown(
            shown,
            mistake(
                "workload::onnx_format",
                format!("{shown} is no ONNX model: {broken}"),
                "copy the file again, or export it again with onnx.save; `onnx.checker.check_model` says whether it is sound",
            ),
        ),
        Unfit::TooLarge(reason) => mistake(
            "workload::onnx_format",
            format!("{shown} is too large: {reason}"),
            "save it with its weights beside it: onnx.save(model, path, save_as_external_data=True)",
        ),
    }
}

/// Each code of models with its page.
pub(in crate::workload) static PAGES: [(&str, &str); 8] = [
    (
        "workload::onnx_format",
        "\
An .onnx file is a protocol buffer of at most 2 GiB. This one was cut, is something else, or has a
graph that is larger than what is read (32 MiB or a million parts, without the values of tensors).
The message has the byte, and what was being read there as Python names it, e.g.
model.graph.node[3]; an excerpt has the bytes. A field begins with its number and its wire type: 0 a
number, 1 and 5 eight and four bytes, 2 a length and so many bytes.

Larger models keep their weights in files beside them, which are read where they are wanted:

  onnx.save(model, \"model.onnx\", save_as_external_data=True)
",
    ),
    (
        "workload::onnx_graph",
        "\
The nodes of a graph do not form one: a node reads a value that nothing gives, two nodes give the
same value, two tensors have the same name, or nodes wait for each other in a ring.
`onnx.checker.check_model` says more. A part of a model is cut out whole with
`onnx.utils.extract_model`.
",
    ),
    (
        "workload::onnx_shape",
        "\
Cycles follow from extents, so every extent must be a number before anything runs. An input whose
extents are names (`batch`, `sequence`) or nothing gets them from the command line, once an input:

  bitweight run opt4c model.onnx --shape input_ids=1,128 --shape attention_mask=1,128

Extents that the model states cannot be changed. Extents that depend on values (NonZero, a loop, an
operation that is not known here) have no numbers: export the model with static shapes.
",
    ),
    (
        "workload::onnx_input",
        "\
`--input NAME=NUMBERS` says what an input is in every run that is meant, so that an If that depends
on it is decided, or extents that are computed from it are known:

  bitweight run opt4c model.onnx --input rate=16000 --input sizes=4,4 --input streaming=false

There is one number for each element, at most 1024 of them, of the input's type. They are followed
through what extents and conditions are computed with; no operand of a product gets them.
",
    ),
    (
        "workload::onnx_node",
        "\
A node cannot be what it says: the extents of its inputs do not go together, an attribute has a
value that means nothing, or a product is larger than what is simulated (each of M, N and K up to
16,777,216, 1,000,000 products of a shape, 1,000,000 repetitions).
",
    ),
    (
        "workload::onnx_unsupported",
        "\
A node whose products would be left out of all counts without a word: a convolution over three axes,
or a product in a graph that is run by If, Loop or Scan depending on values. An If whose condition
is known beforehand is followed; `--input NAME=VALUE` fixes an input that decides it. Simplify the
model (`onnxsim`), or export the branch that is meant.
",
    ),
    (
        "workload::onnx_tensor",
        "\
A tensor of a model cannot be used: extents below 0, values in several fields, a name that is
given twice, or values in a file that is not in the folder of the model. Zero points are one, or one
for each index of an axis.
",
    ),
    (
        "workload::onnx_empty",
        "\
Nothing in this model is a matrix product. Lowered are MatMul, Gemm, Conv, ConvTranspose, LSTM, GRU,
RNN, and the quantised MatMulInteger, ConvInteger, QLinearMatMul and QLinearConv. A model of trees
or of tables has none of them.
",
    ),
];
