//! How large a text may be. Beyond a limit reading stops with a remark, so that no file can cost more than its size.

/// What a file may cost to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of the whole text.
    pub bytes: usize,
    /// Most values within values.
    pub levels: usize,
    /// Most values, keys included.
    pub nodes: usize,
    /// Most bytes of one scalar.
    pub scalar_bytes: usize,
}

impl Limits {
    /// What people write: 1 MiB, 64 levels, 20,000 nodes, texts of 64 KiB.
    pub const FILE: Self =
        Self { bytes: 1 << 20, levels: 64, nodes: 20_000, scalar_bytes: 64 << 10 };
    /// `marks.yaml`, which `taiwa mark` writes: 8 MiB, 200,000 nodes.
    pub const MARKS: Self = Self { bytes: 8 << 20, nodes: 200_000, ..Self::FILE };
    /// Most remarks on one text; the rest is not looked for.
    pub const REMARKS: usize = 20;
}
