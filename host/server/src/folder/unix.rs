//! The folder itself.
//!
//! It is checked once and stays open, so a later change of its path cannot lead to another folder. Links in it are
//! never followed.

use std::ffi::OsStr;
use std::fs::{DirBuilder, File, Metadata};
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use ring::rand::{SecureRandom as _, SystemRandom};
use rustix::fs::{AtFlags, Dir, Mode, OFlags, linkat, openat, renameat, unlinkat};
use rustix::io::Errno;
use rustix::process::geteuid;

/// The ending of the name of a file that is not complete yet.
pub(crate) const UNFINISHED: &str = ".tmp";

/// The folder, open.
#[derive(Debug)]
pub(crate) struct PrivateFolder {
    folder: OwnedFd,
}

/// A complete file that does not have its final name yet. Dropping it removes the file.
pub(crate) struct Unnamed<'a> {
    folder: &'a PrivateFolder,
    file: File,
    name: String,
}

impl PrivateFolder {
    /// Makes the folder if it is missing. Refuses it if it is not private.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let mut builder = DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(path);
        made.with_context(|| format!("make the folder {shown}"))?;
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = rustix::fs::open(path, flags, Mode::empty())
            .with_context(|| format!("open {shown}, which must be a folder and no link to one"))?;
        let folder = File::from(folder);
        let metadata = folder
            .metadata()
            .with_context(|| format!("ask whose {shown} is"))?;
        let user = geteuid().as_raw();
        if metadata.uid() != user {
            let owner = metadata.uid();
            bail!(
                "{shown} belongs to user {owner}, and Sluice runs as {user}: name another folder"
            );
        }
        if is_open_to_others(&metadata) {
            let mode = metadata.mode() & 0o777;
            bail!("{shown} is open to others (mode {mode:o}): `chmod 700` it");
        }
        Ok(Self {
            folder: folder.into(),
        })
    }

    /// Opens a file to read it, if it is there. It is an error if somebody else may have written the file.
    pub(crate) fn file(&self, name: &str) -> io::Result<Option<File>> {
        // Opening a pipe would otherwise wait for somebody to write to it.
        let flags = OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = match openat(&self.folder, name, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        if metadata.uid() != geteuid().as_raw() || is_open_to_others(&metadata) {
            return Err(io::Error::other("it is not this user's alone"));
        }
        Ok(Some(file))
    }

    /// Waits until no other process holds the lock of this name, and takes it. Dropping the file frees it, and so does
    /// the end of the process.
    pub(crate) fn lock(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::CREATE | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = File::from(openat(&self.folder, name, flags, Mode::RUSR | Mode::WUSR)?);
        file.lock()?;
        Ok(file)
    }

    /// Writes a file under a temporary name, so that nobody ever sees half of it.
    pub(crate) fn write(&self, bytes: &[&[u8]]) -> io::Result<Unnamed<'_>> {
        // Not the process's number, which is the same for each start in a container.
        let name = format!("{:032x}{UNFINISHED}", u128::from_ne_bytes(random()?));
        let flags =
            OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(&self.folder, &*name, flags, Mode::RUSR | Mode::WUSR)?;
        let mut unnamed = Unnamed {
            folder: self,
            file: file.into(),
            name,
        };
        bytes
            .iter()
            .try_for_each(|bytes| unnamed.file.write_all(bytes))?;
        Ok(unnamed)
    }

    /// The names of everything in it. Names that are not UTF-8 are left out.
    pub(crate) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.folder)? {
            let name = OsStr::from_bytes(entry?.file_name().to_bytes()).to_owned();
            names.extend(name.into_string().ok());
        }
        Ok(names)
    }

    /// Removes a file. Whoever has it open can still read it.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(&self.folder, name, AtFlags::empty())?)
    }
}

impl Unnamed<'_> {
    /// Gives the file this name, and replaces a file that has the name.
    pub(crate) fn replace(self, name: &str) -> io::Result<()> {
        let folder = &self.folder.folder;
        Ok(renameat(folder, &*self.name, folder, name)?)
    }

    /// Gives the file this name unless another file has it, and waits until that is on disk.
    pub(crate) fn add(self, name: &str) -> io::Result<()> {
        self.file.sync_all()?;
        let folder = &self.folder.folder;
        Ok(linkat(folder, &*self.name, folder, name, AtFlags::empty())?)
    }
}

impl Drop for Unnamed<'_> {
    fn drop(&mut self) {
        // Where it got its name there is none of the old one.
        let _ = self.folder.remove(&self.name);
    }
}

/// Bytes that nobody can guess.
pub(crate) fn random<const LENGTH: usize>() -> io::Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| io::Error::other("the system has no random bytes"))?;
    Ok(bytes)
}

fn is_open_to_others(metadata: &Metadata) -> bool {
    metadata.mode() & 0o077 != 0
}
