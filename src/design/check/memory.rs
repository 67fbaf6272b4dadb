//! The memory around the engine.

use serde_spanned::Spanned;

use super::Check;
use crate::design::file::{BlockFile, BufferFile, MAX_KIB, MAX_WIDTH, MemoryFile, loop_order_names};
use crate::engine::{BlockOrder, Buffer, Memory};

impl Check<'_> {
    pub(super) fn memory(&mut self, file: Option<&MemoryFile>) -> Option<Memory> {
        let file = file?;
        let buffer = |check: &mut Self, written: Option<&BufferFile>| {
            let Some(written) = written else { return Buffer::default() };
            Buffer {
                kib: check.memory_size("kib", written.kib.as_ref(), MAX_KIB),
                bits_per_cycle: check.memory_size("bits-per-cycle", written.bits_per_cycle.as_ref(), MAX_WIDTH),
            }
        };
        Some(Memory {
            a: buffer(self, file.a.as_ref()),
            b: buffer(self, file.b.as_ref()),
            c: buffer(self, file.c.as_ref()),
            dram_bits_per_cycle: self.memory_size("dram-bits-per-cycle", file.dram_bits_per_cycle.as_ref(), MAX_WIDTH),
            order: file.loop_order.as_ref().and_then(|written| self.loop_order(written)),
            block: file.block.as_ref().map_or([None; 3], |block| {
                let BlockFile { m, n, k } = block;
                [("m", m), ("n", n), ("k", k)].map(|(key, written)| self.block_size(key, written.as_ref()))
            }),
        })
    }

    /// `None` is no limit.
    fn memory_size(&mut self, key: &str, written: Option<&Spanned<i64>>, greatest: u32) -> Option<u32> {
        let written = written?;
        let size = u32::try_from(*written.get_ref()).ok().filter(|size| (1..=greatest).contains(size));
        if size.is_none() {
            let message = format!("`{key}` cannot be {}", written.get_ref());
            let help = format!("`{key}` takes 1 to {greatest}; without it there is no limit");
            self.mistake("design::bad_memory", written, message, "out of range".to_owned(), help);
        }
        size
    }

    /// `None` is chosen for each layer.
    fn block_size(&mut self, key: &str, written: Option<&Spanned<i64>>) -> Option<u32> {
        let written = written?;
        let size = u32::try_from(*written.get_ref()).ok().filter(|&size| size > 0);
        if size.is_none() {
            let message = format!("`block.{key}` cannot be {}", written.get_ref());
            let help = format!(
                "a block takes 1 to {} of an axis; without the key the size is chosen for each layer",
                u32::MAX
            );
            self.mistake("design::bad_memory", written, message, "out of range".to_owned(), help);
        }
        size
    }

    fn loop_order(&mut self, written: &Spanned<String>) -> Option<BlockOrder> {
        let index = self.name_of("design::unknown_loop_order", "loop order", written, loop_order_names())?;
        BlockOrder::ALL.get(index).copied()
    }
}
