//! The parts that engines are made of. Each exists once and is used by every array.

pub mod adder;
pub mod compressor;
pub mod copies;
pub mod dot_product;
pub mod encoder;
pub mod links;
pub mod multiply;
pub mod partial_product;
pub mod reduce;
pub mod row_control;
pub mod saturator;
pub mod select;
pub mod skipper;
pub mod steps;
