//! The contract suite on every backend, and what each of them does beyond it.

mod killed;
mod memory;
mod postgres;
mod sqlite;
