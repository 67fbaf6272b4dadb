//! The designs inside the program, one row each.

/// A design that ships.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// The name it is called by.
    pub name: &'static str,
    /// Its TOML.
    pub text: &'static str,
}

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        &[$(Shipped { name: $name, text: include_str!(concat!("../../designs/", $name, ".toml")) }),*]
    };
}

/// Every shipped design, the large ones first.
pub fn shipped() -> &'static [Shipped] {
    shipped![
        "mac-os",
        "mac-ws",
        "mac-is",
        "opt1-os",
        "opt1-ws",
        "opt1-is",
        "ent-os",
        "ent-ws",
        "ent-is",
        "mac-cube",
        "opt1-cube",
        "opt2-cube",
        "opt2-cube-temporal",
        "ent-cube",
        "mac-tree",
        "opt1-tree",
        "opt2-tree",
        "opt2-tree-temporal",
        "ent-tree",
        "mac-ws-2-4",
        "opt1-tree-2-4",
        "mac-matrix",
        "opt1-matrix",
        "ent-matrix",
        "opt3",
        "opt4c",
        "opt4c-skipped",
        "opt4c-stored",
        "opt4e",
        "skip-values",
        "stripes",
        "pragmatic",
        "laconic",
        "mac-os-4x4",
        "mac-ws-4x4",
        "mac-is-4x4",
        "opt1-os-4x4",
        "opt1-ws-4x4",
        "opt1-is-4x4",
        "ent-os-4x4",
        "ent-ws-4x4",
        "ent-is-4x4",
        "mac-cube-4x4",
        "opt1-cube-4x4",
        "opt2-cube-4x4",
        "ent-cube-4x4",
        "opt2-cube-temporal-4x4",
        "mac-tree-4x4",
        "opt1-tree-4x4",
        "opt2-tree-4x4",
        "ent-tree-4x4",
        "opt2-tree-temporal-4x4",
        "mac-matrix-4x4",
        "opt1-matrix-4x4",
        "ent-matrix-4x4",
        "opt3-4x4",
        "opt4c-4x4",
        "opt4c-stored-4x4",
        "opt4e-4x4",
        "opt4c-skipped-4x4",
        "skip-values-4x4",
        "skip-values-opt1-4x4",
        "skip-values-both-4x4",
        "stripes-4x4",
        "pragmatic-4x4",
        "laconic-4x4",
        "mac-os-2-4-4x4",
        "mac-ws-2-4-4x4",
        "opt1-tree-2-4-4x4",
    ]
}
