//! Keys: who may read them, passphrases, and keys that are lost.

use super::*;
use std::fs::Permissions;

fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::in_dir(&dir.path().join("state"));
    (dir, store)
}

/// What another process has.
fn again(store: &Store) -> Store {
    Store::in_dir(store.path().parent().unwrap())
}

fn given(store: &Store, passphrase: &str) -> Store {
    again(store).with_passphrase(Some(Confidential(passphrase.to_owned())))
}

#[test]
fn the_first_secret_makes_a_key_that_only_its_owner_reads() {
    let (_dir, store) = store();
    assert_eq!(store.keeping().unwrap(), Keeping::Nowhere);
    let sealed = store.seal("A", b"hunter2").unwrap();
    assert_eq!(store.keeping().unwrap(), Keeping::KeyFile);
    assert_eq!(store.unseal("A", &sealed).unwrap().0, b"hunter2");
    let mode = fs::metadata(store.key_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let (_dir, store) = store();
    let sealed = store.seal("A", b"hunter2").unwrap();
    fs::set_permissions(store.key_file(), Permissions::from_mode(0o644)).unwrap();
    let err = again(&store).unseal("A", &sealed).unwrap_err();
    assert!(err.to_string().contains("others may read"), "{err}");
}

#[test]
fn a_passphrase_takes_the_place_of_the_file_and_back() {
    let (_dir, store) = store();
    let sealed = store.seal("A", b"hunter2").unwrap();
    store.lock_with("correct horse").unwrap();
    assert!(!store.key_file().exists());
    let err = again(&store).unseal("A", &sealed).unwrap_err();
    assert!(err.to_string().contains("passphrase"), "{err}");
    assert!(again(&store).seal("B", b"x").is_err());
    let err = given(&store, "wrong").unseal("A", &sealed).unwrap_err();
    assert!(err.to_string().contains("not the right one"), "{err}");
    let right = given(&store, "correct horse");
    assert_eq!(right.keeping().unwrap(), Keeping::Passphrase { given: true });
    assert_eq!(right.unseal("A", &sealed).unwrap().0, b"hunter2");
    right.lock_with_file().unwrap();
    assert_eq!(again(&store).unseal("A", &sealed).unwrap().0, b"hunter2");
}

#[test]
fn another_key_seals_nothing_and_a_new_one_is_made_on_purpose_only() {
    let (_dir, store) = store();
    let sealed = store.seal("A", b"hunter2").unwrap();
    let other = [7; KEY];
    fs::write(store.key_file(), other).unwrap();
    let err = again(&store).seal("B", b"x").unwrap_err();
    assert!(err.to_string().contains("is not the key that this state was encrypted with"), "{err}");
    assert!(err.hint().contains("skep vault new-key"), "{}", err.hint());
    assert_eq!(again(&store).keeping().unwrap(), Keeping::Another { sealed: 0 });
    assert!(again(&store).lock_with("correct horse").is_err());
    fs::remove_file(store.key_file()).unwrap();
    assert_eq!(again(&store).keeping().unwrap(), Keeping::Lost { sealed: 0 });
    assert!(again(&store).seal("B", b"x").is_err());
    assert_eq!(again(&store).renew_key().unwrap(), None);
    let fresh = again(&store).seal("B", b"x").unwrap();
    assert_eq!(again(&store).unseal("B", &fresh).unwrap().0, b"x");
    assert!(again(&store).unseal("A", &sealed).is_err());
    let aside = again(&store).renew_key().unwrap().unwrap();
    assert_eq!(fs::read(aside).unwrap().len(), KEY);
}

#[test]
fn a_lost_key_is_named() {
    let (_dir, store) = store();
    let sealed = store.seal("A", b"hunter2").unwrap();
    fs::remove_file(store.key_file()).unwrap();
    let err = again(&store).unseal("A", &sealed).unwrap_err();
    assert!(err.to_string().contains("is gone"), "{err}");
}
