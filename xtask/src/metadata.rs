//! What cargo knows of the workspace.

use crate::process::cargo;
use anyhow::{Context as _, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Our crates, and what each of them depends on outside its tests.
pub(crate) struct Workspace(pub(crate) BTreeMap<String, BTreeSet<String>>);

impl Workspace {
    /// Asks cargo.
    ///
    /// # Errors
    ///
    /// Cargo does not answer.
    pub(crate) fn read() -> Result<Self> {
        let output = cargo(&["metadata", "--format-version=1", "--no-deps", "--locked"]).output()?;
        let metadata: Value = serde_json::from_slice(&output.stdout).context("read `cargo metadata`")?;
        let packages = metadata["packages"].as_array().context("`cargo metadata` names no packages")?;
        let entry = |package: &Value| {
            let name = package["name"].as_str()?.to_owned();
            let dependencies = package["dependencies"].as_array()?.iter();
            let normal = dependencies.filter(|dependency| dependency["kind"].is_null());
            Some((name, normal.filter_map(|it| it["name"].as_str().map(str::to_owned)).collect()))
        };
        Ok(Self(packages.iter().filter_map(entry).collect()))
    }
}
