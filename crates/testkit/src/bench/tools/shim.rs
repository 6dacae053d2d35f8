//! A disk whose every fsync takes two milliseconds: a library, put before a program by `LD_PRELOAD`.

use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// `fsync` and `fdatasync` that first wait as long as a network disk takes.
const SOURCE: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static void wait_for_the_disk(void) {
    struct timespec two_milliseconds = {0, 2000000};
    nanosleep(&two_milliseconds, 0);
}

int fsync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_for_the_disk();
    return real(file);
}

int fdatasync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_for_the_disk();
    return real(file);
}
"#;

/// Compiles it into this folder.
///
/// # Errors
///
/// There is no C compiler.
pub(crate) fn compile(folder: &Path) -> Result<PathBuf> {
    let (source, library) = (folder.join("slow-disk.c"), folder.join("slow-disk.so"));
    std::fs::write(&source, SOURCE).context("write the slow disk's source")?;
    let mut cc = Command::new("cc");
    let compiled = cc.args(["-O2", "-shared", "-fPIC", "-o"]).arg(&library).arg(&source).arg("-ldl").status();
    if !compiled.context("run cc; install a C compiler")?.success() {
        bail!("cc does not compile the slow disk");
    }
    Ok(library)
}
