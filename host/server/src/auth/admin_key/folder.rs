//! Where the hash of the key lies: in the data folder, which is this user's alone.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::text::{AdminKey, KeyHash};
use crate::folder::PrivateFolder;

/// The file of the hash.
const HASH: &str = "admin.hash";
/// The file that a key is left in if nobody watches the start.
const KEY: &str = "admin.key";
/// What processes hold while they make a key.
const LOCK: &str = "admin.lock";
/// More than either file has.
const MAX_FILE: u64 = 256;

/// The data folder, as far as the key is concerned.
#[derive(Debug)]
pub struct KeyFolder {
    folder: PrivateFolder,
    path: PathBuf,
}

impl KeyFolder {
    /// Opens the folder, and makes it if it is missing.
    ///
    /// # Errors
    ///
    /// If the folder can't be made, belongs to somebody else or is open to others. The error says what to change.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            folder: PrivateFolder::open(path)?,
            path: path.to_owned(),
        })
    }

    /// Makes the first key, unless there is one. `hand_over` gives the key to the operator before it counts, so that a
    /// start that is cut off leaves no key that nobody knows. Of several processes one makes the key.
    pub fn make_first(
        &self,
        hand_over: impl FnOnce(&AdminKey) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let _lock = self.lock()?;
        let hash = self.hash();
        match hash.with_context(|| format!("read {}", self.shown(HASH)))? {
            Some(_) => Ok(()),
            None => self.replace(hand_over),
        }
    }

    /// Makes another key, which counts from now on. A key that lies in the folder is replaced as well.
    pub fn reset(
        &self,
        hand_over: impl FnOnce(&AdminKey) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let _lock = self.lock()?;
        self.replace(|key| {
            let lies_there = self.folder.file(KEY).is_ok_and(|file| file.is_some());
            if lies_there {
                self.leave(key)?;
            }
            hand_over(key)
        })
    }

    /// Leaves the key in a file that only this user can read. Returns its path.
    pub fn leave(&self, key: &AdminKey) -> anyhow::Result<PathBuf> {
        self.write(KEY, &key.to_string())?;
        Ok(Self::key_file(&self.path))
    }

    /// The file of the folder that a key is left in.
    pub fn key_file(folder: &Path) -> PathBuf {
        folder.join(KEY)
    }

    /// Returns the hash of the key that counts, if there is one.
    pub(super) fn hash(&self) -> io::Result<Option<KeyHash>> {
        let text = self.read(HASH)?;
        text.map(|text| text.trim().parse()).transpose()
    }

    fn replace(
        &self,
        hand_over: impl FnOnce(&AdminKey) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let key = AdminKey::generate()?;
        hand_over(&key)?;
        self.write(HASH, &key.hash().to_string())
    }

    fn lock(&self) -> anyhow::Result<std::fs::File> {
        let lock = self.folder.lock(LOCK);
        lock.with_context(|| format!("lock {}", self.shown(LOCK)))
    }

    fn read(&self, name: &str) -> io::Result<Option<String>> {
        let Some(file) = self.folder.file(name)? else {
            return Ok(None);
        };
        let mut text = String::new();
        file.take(MAX_FILE).read_to_string(&mut text)?;
        Ok(Some(text))
    }

    fn write(&self, name: &str, line: &str) -> anyhow::Result<()> {
        let unnamed = self.folder.write(&[line.as_bytes(), b"\n"]);
        let written = unnamed.and_then(|unnamed| unnamed.replace(name));
        written.with_context(|| format!("write {}", self.shown(name)))
    }

    fn shown(&self, name: &str) -> String {
        self.path.join(name).display().to_string()
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::Mutex;

    use super::*;

    fn hand_over_to(keys: &Mutex<Vec<AdminKey>>) -> impl FnOnce(&AdminKey) -> anyhow::Result<()> {
        |key| {
            keys.lock().unwrap().push(key.clone());
            Ok(())
        }
    }

    #[test]
    fn of_many_starts_at_once_one_makes_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        let keys = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    let folder = KeyFolder::open(&path).unwrap();
                    folder.make_first(hand_over_to(&keys)).unwrap();
                });
            }
        });
        let keys = keys.into_inner().unwrap();
        assert_eq!(keys.len(), 1);
        let folder = KeyFolder::open(&path).unwrap();
        assert!(folder.hash().unwrap().unwrap().is_of(&keys[0]));
    }

    #[test]
    fn the_folder_and_its_files_are_the_users_alone_and_hold_no_key_that_nobody_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("data");
        let keys = Mutex::new(Vec::new());
        let data = KeyFolder::open(&path).unwrap();
        data.make_first(hand_over_to(&keys)).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        let key = keys.lock().unwrap()[0].to_string();
        for entry in fs::read_dir(&path).unwrap() {
            let file = entry.unwrap().path();
            assert_eq!(mode(&file), 0o600, "{}", file.display());
            assert!(!fs::read_to_string(&file).unwrap().contains(&key[4..]));
        }
    }

    #[test]
    fn a_key_that_could_not_be_handed_over_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let data = KeyFolder::open(&folder.path().join("data")).unwrap();
        let failed = data.make_first(|_| anyhow::bail!("nobody took it"));
        assert_eq!(failed.unwrap_err().to_string(), "nobody took it");
        assert!(data.hash().unwrap().is_none());
    }

    #[test]
    fn a_reset_makes_another_key_and_replaces_one_that_was_left() {
        let folder = tempfile::tempdir().unwrap();
        let data = KeyFolder::open(&folder.path().join("data")).unwrap();
        let keys = Mutex::new(Vec::new());
        data.make_first(hand_over_to(&keys)).unwrap();
        data.reset(hand_over_to(&keys)).unwrap();
        assert!(!folder.path().join("data/admin.key").exists());
        let file = data.leave(&keys.lock().unwrap()[1]).unwrap();
        assert_eq!(file, folder.path().join("data/admin.key"));
        data.reset(hand_over_to(&keys)).unwrap();
        let keys = keys.into_inner().unwrap();
        let hash = data.hash().unwrap().unwrap();
        let counts: Vec<_> = keys.iter().map(|key| hash.is_of(key)).collect();
        assert_eq!(counts, [false, false, true]);
        let left = fs::read_to_string(file).unwrap();
        assert_eq!(left.trim().parse().as_ref(), Ok(&keys[2]));
    }

    #[test]
    fn a_damaged_hash_is_an_error_and_no_reason_to_make_another_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        let data = KeyFolder::open(&path).unwrap();
        data.make_first(|_| Ok(())).unwrap();
        fs::write(path.join(HASH), "torn").unwrap();
        let error = data.make_first(|_| panic!("it made one")).unwrap_err();
        assert!(format!("{error:#}").contains("admin.hash: it is not the hash of a key"));
        fs::set_permissions(path.join(HASH), fs::Permissions::from_mode(0o640)).unwrap();
        let error = data.make_first(|_| panic!("it made one")).unwrap_err();
        assert!(
            format!("{error:#}").contains("is not this user's alone"),
            "{error:#}"
        );
    }
}
