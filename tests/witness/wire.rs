//! A signal of rust-hdl whose width is known only at run time.

use rust_hdl::core::ast::VerilogLiteral;
use rust_hdl::core::atom::{Atom, AtomKind};
use rust_hdl::core::block::Block;
use rust_hdl::core::constraint::PinConstraint;
use rust_hdl::core::logic::Logic;
use rust_hdl::core::probe::Probe;
use rust_hdl::core::signal::get_signal_id;
use rust_hdl::core::synth::VCDValue;
use rust_hdl::core::type_descriptor::{TypeDescriptor, TypeKind};

/// What `Signal<D, Bits<N>>` is to rust-hdl, with `N` and `D` as values.
pub struct Wire {
    pub next: u64,
    value: u64,
    changed: bool,
    driven: bool,
    width: u32,
    kind: AtomKind,
    id: usize,
}

impl Wire {
    pub fn new(width: u32, kind: AtomKind) -> Wire {
        Wire { next: 0, value: 0, changed: false, driven: false, width, kind, id: get_signal_id() }
    }

    pub fn width(&self) -> u32 {
        self.width
    }

    pub fn value(&self) -> u64 {
        self.value
    }
}

impl Atom for Wire {
    fn bits(&self) -> usize {
        self.width as usize
    }

    fn connected(&self) -> bool {
        self.driven
    }

    fn changed(&self) -> bool {
        self.changed
    }

    fn kind(&self) -> AtomKind {
        self.kind
    }

    fn descriptor(&self) -> TypeDescriptor {
        TypeDescriptor { name: format!("word of {}", self.width), kind: TypeKind::Bits(self.width as usize) }
    }

    fn vcd(&self) -> VCDValue {
        VCDValue::String(format!("{:x}", self.value))
    }

    fn id(&self) -> usize {
        self.id
    }

    fn verilog(&self) -> VerilogLiteral {
        self.value.into()
    }

    fn constraints(&self) -> Vec<PinConstraint> {
        Vec::new()
    }
}

impl Logic for Wire {
    fn update(&mut self) {}

    fn connect(&mut self) {
        self.driven = true;
    }
}

impl Block for Wire {
    fn connect_all(&mut self) {}

    fn update_all(&mut self) {
        self.changed = self.value != self.next;
        self.value = self.next;
    }

    fn has_changed(&self) -> bool {
        self.changed
    }

    fn accept(&self, name: &str, probe: &mut dyn Probe) {
        probe.visit_atom(name, self);
    }
}
