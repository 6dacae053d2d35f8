//! What every measurement needs: load, a slow disk, a server, a read model, and a table of figures.

pub(crate) mod clock;
pub(crate) mod cpu;
pub(crate) mod drive;
pub(crate) mod figures;
pub(crate) mod load;
pub(crate) mod reader;
pub(crate) mod server;
pub(crate) mod shim;
