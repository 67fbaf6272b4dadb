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
    shipped!["mac-os", "mac-ws", "opt1-os", "opt1-ws", "mac-os-4x4", "mac-ws-4x4", "opt1-os-4x4", "opt1-ws-4x4",]
}
