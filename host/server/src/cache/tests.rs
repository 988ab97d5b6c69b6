//! A folder that is private, entries that are this host's, and a bound that holds.

use std::fs::{self, Permissions};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use sluice_engine::{Cache as _, CacheKey, Code};
use tempfile::TempDir;

use super::bound::Bound;
use super::disk::DiskCache;
use super::seal;

fn key(nth: u8) -> CacheKey {
    CacheKey::from_bytes([nth; 32])
}

/// The code and the metadata of an entry, as its file has them.
fn find(cache: &DiskCache, nth: u8) -> Option<(Vec<u8>, Vec<u8>)> {
    let kept = cache.find(&key(nth))?;
    let Code::File { file, length } = kept.code else {
        panic!("it is in a file");
    };
    let mut code = vec![0; usize::try_from(length).unwrap()];
    file.read_exact_at(&mut code, 0).unwrap();
    Some((code, kept.metadata))
}

fn compiled() -> Option<(Vec<u8>, Vec<u8>)> {
    Some((b"compiled".to_vec(), b"metadata".to_vec()))
}

fn open(path: &Path) -> DiskCache {
    DiskCache::open(path, Bound::default()).unwrap()
}

/// Why the folder is not taken.
fn fault(path: &Path) -> String {
    let opened = DiskCache::open(path, Bound::default());
    format!("{:#}", opened.unwrap_err())
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A cache in a folder of its own, with one entry.
fn with_one() -> (TempDir, DiskCache, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policies");
    let cache = open(&path);
    cache.keep(&key(1), b"compiled", b"metadata");
    (folder, cache, path.join(key(1).to_string()))
}

/// Checks that a damaged entry counts as missing, and that keeping it again replaces it.
fn check_a_miss(cache: &DiskCache) {
    assert_eq!(find(cache, 1), None);
    cache.keep(&key(1), b"compiled", b"metadata");
    assert_eq!(find(cache, 1), compiled());
}

#[test]
fn what_was_kept_is_found_by_the_next_process() {
    let (folder, cache, _) = with_one();
    assert_eq!(find(&cache, 1), compiled());
    assert_eq!(find(&cache, 2), None);
    let next = open(&folder.path().join("policies"));
    assert_eq!(find(&next, 1), compiled());
    next.keep(&key(1), b"", b"");
    assert_eq!(find(&cache, 1), Some((vec![], vec![])));
}

#[test]
fn what_was_found_stays_as_it_is_when_a_newer_one_takes_its_name() {
    let (_folder, cache, _) = with_one();
    let Code::File { file, .. } = cache.find(&key(1)).unwrap().code else {
        panic!("it is in a file");
    };
    let before = file.metadata().unwrap().len();
    cache.keep(&key(1), b"other", b"");
    let mut code = [0; 8];
    file.read_exact_at(&mut code, 0).unwrap();
    assert_eq!(code, *b"compiled");
    assert_eq!(file.metadata().unwrap().len(), before);
}

#[test]
fn code_can_not_be_passed_off_for_metadata() {
    let (_folder, cache, entry) = with_one();
    let good = fs::read(&entry).unwrap();
    let lengths = good.len() - seal::LENGTH;
    for length in [0, 4, 6, 13, 14, u64::MAX] {
        let mut changed = good.clone();
        changed[lengths..lengths + 8].copy_from_slice(&length.to_le_bytes());
        fs::write(&entry, changed).unwrap();
        assert_eq!(find(&cache, 1), None);
    }
}

#[test]
fn everything_is_made_for_this_user_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/policies");
    open(&path).keep(&key(1), b"compiled", b"metadata");
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    for made in [&path, path.parent().unwrap(), &folder.path().join("a")] {
        assert_eq!(mode(made), 0o700);
    }
    let names = fs::read_dir(&path).unwrap();
    let modes: Vec<_> = names.map(|entry| mode(&entry.unwrap().path())).collect();
    assert_eq!(modes, [0o600; 2], "the key and the entry");
}

#[test]
fn a_folder_that_is_open_to_others_is_refused_with_what_to_change() {
    let (folder, _, _) = with_one();
    let path = folder.path().join("policies");
    for mode in [0o710, 0o701, 0o755, 0o720] {
        set_mode(&path, mode);
        let fault = fault(&path);
        let expected = format!("is open to others (mode {mode:o}): `chmod 700` it");
        assert!(fault.ends_with(&expected), "{fault}");
    }
    set_mode(&path, 0o700);
    open(&path);
}

#[test]
fn a_link_is_refused_though_it_leads_to_a_private_folder() {
    let (folder, _, _) = with_one();
    let link = folder.path().join("link");
    symlink(folder.path().join("policies"), &link).unwrap();
    let fault = fault(&link);
    assert!(fault.contains("must be a folder and no link"), "{fault}");
}

#[test]
fn a_file_in_the_place_of_the_folder_is_refused() {
    let (folder, _, _) = with_one();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let fault = fault(&file);
    assert!(fault.starts_with("make the folder"), "{fault}");
}

#[test]
#[expect(clippy::print_stderr, reason = "says why there is nothing to test")]
fn what_belongs_to_somebody_else_is_refused() {
    let (folder, cache, entry) = with_one();
    if chown(&entry, Some(12345), None).is_err() {
        eprintln!("only root can give files away, so there is nobody else's here");
        return;
    }
    check_a_miss(&cache);
    let path = folder.path().join("policies");
    chown(path.join("host.key"), Some(12345), None).unwrap();
    let told = fault(&path);
    assert!(told.ends_with("it is not this user's alone"), "{told}");
    chown(&path, Some(12345), None).unwrap();
    let told = fault(&path);
    assert!(told.contains("belongs to user 12345, and Sluice runs as 0"));
}

#[test]
fn a_key_that_others_can_read_is_no_key() {
    let (folder, _, _) = with_one();
    let path = folder.path().join("policies");
    set_mode(&path.join("host.key"), 0o640);
    let fault = fault(&path);
    assert!(fault.contains("where it is removed, a new one is made"));
    assert!(fault.ends_with("it is not this user's alone"), "{fault}");
}

#[test]
fn a_key_of_another_length_is_no_key_and_a_new_one_forgets_what_the_old_one_sealed() {
    let (folder, _, _) = with_one();
    let path = folder.path().join("policies");
    for wrong in [&b""[..], &[1; 31], &[1; 33]] {
        fs::write(path.join("host.key"), wrong).unwrap();
        let fault = fault(&path);
        assert!(fault.ends_with("remove it, and a new one is made"));
    }
    fs::remove_file(path.join("host.key")).unwrap();
    check_a_miss(&open(&path));
}

#[test]
fn an_entry_of_another_host_is_a_miss() {
    let ((_here, cache, entry), (_there, _, forged)) = (with_one(), with_one());
    let forged = fs::read(forged).unwrap();
    assert_ne!(forged, fs::read(&entry).unwrap(), "two hosts, two keys");
    fs::write(&entry, forged).unwrap();
    check_a_miss(&cache);
}

#[test]
fn an_entry_that_was_changed_in_any_bit_or_cut_anywhere_is_a_miss() {
    let (_folder, cache, entry) = with_one();
    let good = fs::read(&entry).unwrap();
    for at in 0..good.len() {
        let mut changed = good.clone();
        changed[at] ^= 1 << (at % 8);
        fs::write(&entry, changed).unwrap();
        assert_eq!(find(&cache, 1), None);
        fs::write(&entry, &good[..at]).unwrap();
        assert_eq!(find(&cache, 1), None);
    }
    fs::write(&entry, [&good[..], b"x"].concat()).unwrap();
    check_a_miss(&cache);
}

#[test]
fn an_entry_can_not_be_passed_off_for_another() {
    let (_folder, cache, entry) = with_one();
    let other = entry.with_file_name(key(2).to_string());
    fs::copy(&entry, &other).unwrap();
    assert_eq!(find(&cache, 2), None);
    assert_eq!(find(&cache, 1), compiled());
}

#[test]
fn an_entry_that_is_a_link_or_a_folder_or_open_to_others_is_a_miss() {
    let (folder, cache, entry) = with_one();
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(&entry, &elsewhere).unwrap();
    symlink(&elsewhere, &entry).unwrap();
    check_a_miss(&cache);
    set_mode(&entry, 0o604);
    check_a_miss(&cache);
    fs::remove_file(&entry).unwrap();
    fs::create_dir(&entry).unwrap();
    assert_eq!(find(&cache, 1), None);
    cache.keep(&key(1), b"can't be kept, and that is all", b"");
    assert_eq!(find(&cache, 1), None);
}

#[test]
fn starts_at_once_agree_on_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policies");
    let caches: Vec<_> = thread::scope(|scope| {
        let starts: Vec<_> = (0..16).map(|_| scope.spawn(|| open(&path))).collect();
        starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect()
    });
    for (nth, cache) in (0..).zip(&caches) {
        cache.keep(&key(nth), &[nth], b"");
        assert!(
            caches
                .iter()
                .all(|other| find(other, nth) == Some((vec![nth], vec![])))
        );
    }
    assert_eq!(
        fs::read_dir(&path).unwrap().count(),
        17,
        "no file is left over"
    );
}

#[test]
fn what_was_not_used_for_longest_goes_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policies");
    let bound = Bound {
        entries: 3,
        bytes: 1000,
    };
    let cache = DiskCache::open(&path, bound).unwrap();
    let age = |nth: u8, seconds| {
        let file = fs::File::open(path.join(key(nth).to_string())).unwrap();
        let used = SystemTime::now() - Duration::from_secs(seconds);
        file.set_modified(used).unwrap();
    };
    let is_there = |nth: &u8| path.join(key(*nth).to_string()).exists();
    let there = || (1..=5).filter(is_there).collect::<Vec<_>>();
    for nth in 1..=3 {
        cache.keep(&key(nth), b"", b"");
        age(nth, 100 - u64::from(nth));
    }
    assert!(cache.find(&key(1)).is_some(), "used, so it stays");
    cache.keep(&key(4), b"", b"");
    assert_eq!(there(), [1, 3, 4]);
    age(3, 50);
    age(4, 40);
    age(1, 30);
    cache.keep(&key(5), &[0; 900], b"");
    assert_eq!(there(), [1, 5], "the bytes are over with the second");
}

#[test]
fn what_was_never_finished_goes_and_what_is_not_the_caches_stays() {
    let (folder, _, _) = with_one();
    let path = folder.path().join("policies");
    let paths = ["old.tmp", "new.tmp", "metadata"].map(|name| path.join(name));
    let made = |path| {
        fs::write(path, "").unwrap();
        set_mode(path, 0o600);
        fs::File::open(path).unwrap()
    };
    let [old, _, metadata] = paths.each_ref().map(|path| made(path));
    let yesterday = SystemTime::now() - Duration::from_secs(86_400);
    old.set_modified(yesterday).unwrap();
    metadata.set_modified(yesterday).unwrap();
    open(&path);
    assert_eq!(paths.map(|path| path.exists()), [false, true, true]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn bytes_of_any_kind_are_a_miss(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (_folder, cache, entry) = with_one();
        fs::write(&entry, bytes).unwrap();
        prop_assert_eq!(find(&cache, 1), None);
    }
}
