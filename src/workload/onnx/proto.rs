//! The messages of ONNX, by hand: the fields that are read, with the numbers that `onnx.proto` gives them.
//!
//! Values of tensors are no part of them: the [skeleton](super::skeleton) that is decoded has their places in the file
//! instead.

use prost::Message;

/// A file.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Model {
    #[prost(message, repeated, tag = "7")]
    pub graph: Vec<Graph>,
}

/// Nodes, in the order in which they can run, with what they begin from.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Graph {
    #[prost(message, repeated, tag = "1")]
    pub node: Vec<Node>,
    #[prost(message, repeated, tag = "5")]
    pub initializer: Vec<Tensor>,
    #[prost(message, repeated, tag = "11")]
    pub input: Vec<ValueInfo>,
    #[prost(message, repeated, tag = "12")]
    pub output: Vec<ValueInfo>,
    #[prost(message, repeated, tag = "13")]
    pub value_info: Vec<ValueInfo>,
}

/// One operation.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Node {
    #[prost(string, repeated, tag = "1")]
    pub input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub output: Vec<String>,
    #[prost(string, tag = "3")]
    pub name: String,
    #[prost(string, tag = "4")]
    pub op_type: String,
    #[prost(message, repeated, tag = "5")]
    pub attribute: Vec<Attribute>,
    #[prost(string, tag = "7")]
    pub domain: String,
}

/// A named parameter of a node.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Attribute {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(float, optional, tag = "2")]
    pub f: Option<f32>,
    #[prost(int64, optional, tag = "3")]
    pub i: Option<i64>,
    #[prost(bytes = "vec", tag = "4")]
    pub s: Vec<u8>,
    #[prost(message, repeated, tag = "5")]
    pub t: Vec<Tensor>,
    #[prost(message, repeated, tag = "6")]
    pub g: Vec<Graph>,
    #[prost(float, repeated, tag = "7")]
    pub floats: Vec<f32>,
    #[prost(int64, repeated, tag = "8")]
    pub ints: Vec<i64>,
}

/// A tensor whose values are in this file or another one.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Tensor {
    #[prost(int64, repeated, tag = "1")]
    pub dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    pub data_type: i32,
    #[prost(string, tag = "8")]
    pub name: String,
    #[prost(message, repeated, tag = "13")]
    pub external_data: Vec<Entry>,
    /// 1 where the values are in another file.
    #[prost(int32, tag = "14")]
    pub data_location: i32,
    /// Where the values stand in the file: no field of ONNX, the skeleton puts it there.
    #[prost(message, repeated, tag = "5001")]
    pub span: Vec<Span>,
}

/// Bytes of the file that hold values of a tensor.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub(super) struct Span {
    /// Which field of the tensor it is: 9 is `raw_data`, others are typed.
    #[prost(uint32, tag = "1")]
    pub field: u32,
    #[prost(uint64, tag = "2")]
    pub offset: u64,
    #[prost(uint64, tag = "3")]
    pub length: u64,
}

/// A key and its value.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Entry {
    #[prost(string, tag = "1")]
    pub key: String,
    #[prost(string, tag = "2")]
    pub value: String,
}

/// The name and the type of a value.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ValueInfo {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, repeated, tag = "2")]
    pub r#type: Vec<Type>,
}

/// A type; those of sequences and maps are left out.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Type {
    #[prost(message, repeated, tag = "1")]
    pub tensor_type: Vec<TensorType>,
}

/// The type of a tensor.
#[derive(Clone, PartialEq, Message)]
pub(super) struct TensorType {
    #[prost(int32, tag = "1")]
    pub elem_type: i32,
    #[prost(message, repeated, tag = "2")]
    pub shape: Vec<Shape>,
}

/// Extents.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Shape {
    #[prost(message, repeated, tag = "1")]
    pub dim: Vec<Dim>,
}

/// An extent: a number, a name, or neither.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Dim {
    #[prost(int64, optional, tag = "1")]
    pub dim_value: Option<i64>,
    #[prost(string, tag = "2")]
    pub dim_param: String,
}

impl Node {
    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attribute.iter().find(|attribute| attribute.name == name)
    }

    /// An integer attribute, or `absent`.
    pub fn int(&self, name: &str, absent: i64) -> i64 {
        self.attribute(name).and_then(|attribute| attribute.i).unwrap_or(absent)
    }

    /// A list of integers, where the attribute is there.
    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        self.attribute(name).map(|attribute| attribute.ints.as_slice())
    }

    /// A text attribute; empty if it is absent or no text.
    pub fn text(&self, name: &str) -> &str {
        self.attribute(name).and_then(|attribute| std::str::from_utf8(&attribute.s).ok()).unwrap_or_default()
    }

    /// The graph of an attribute.
    pub fn graph(&self, name: &str) -> Option<&Graph> {
        self.attribute(name).and_then(|attribute| attribute.g.first())
    }

    /// The operation as notes name it: with its domain where that is not ONNX's own.
    pub fn operation(&self) -> String {
        match self.domain.as_str() {
            "" | "ai.onnx" => self.op_type.clone(),
            domain => format!("{domain}.{}", self.op_type),
        }
    }
}

impl ValueInfo {
    /// The type and the extents of a tensor, where it is one and has them; `None` for an extent that is no number.
    pub fn tensor(&self) -> Option<(i32, Option<&[Dim]>)> {
        let tensor = self.r#type.first()?.tensor_type.first()?;
        Some((tensor.elem_type, tensor.shape.first().map(|shape| shape.dim.as_slice())))
    }
}

impl Dim {
    /// The extent, if it is a number that can be one.
    pub fn extent(&self) -> Option<u64> {
        // Exporters write 0 or -1 for "not known".
        self.dim_value.and_then(|value| u64::try_from(value).ok()).filter(|&extent| extent > 0)
    }
}
