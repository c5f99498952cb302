//! Append-only tables: records under ascending numbers.

use crate::store::{
    error::Fault,
    record::{Record, Table, decode, encode, opened},
};
use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata, TableHandle, WriteTransaction};

pub(in crate::store) type Series = Table<u64>;

/// Adds a record and forgets the oldest beyond `keep`.
pub(in crate::store) fn append<R: Record>(
    transaction: &WriteTransaction,
    series: Series,
    record: &R,
    keep: u64,
) -> Result<(), Fault> {
    let mut table = transaction.open_table(series)?;
    let next = table.last()?.map_or(0, |(number, _)| number.value() + 1);
    table.insert(next, encode(record)?.as_slice())?;
    while table.len()? > keep {
        table.pop_first()?;
    }
    Ok(())
}

/// Adds a record that will be completed; returns its number.
pub(in crate::store) fn begin<R: Record>(
    transaction: &WriteTransaction,
    series: Series,
    record: &R,
) -> Result<u64, Fault> {
    let mut table = transaction.open_table(series)?;
    let next = table.last()?.map_or(0, |(number, _)| number.value() + 1);
    table.insert(next, encode(record)?.as_slice())?;
    Ok(next)
}

/// Puts a complete record in the place of one that was begun.
pub(in crate::store) fn complete<R: Record>(
    transaction: &WriteTransaction,
    series: Series,
    number: u64,
    record: &R,
) -> Result<(), Fault> {
    transaction.open_table(series)?.insert(number, encode(record)?.as_slice())?;
    Ok(())
}

/// Forgets the records equal to `record`.
pub(in crate::store) fn remove<R: Record>(
    transaction: &WriteTransaction,
    series: Series,
    record: &R,
) -> Result<(), Fault> {
    let unwanted = encode(record)?;
    transaction.open_table(series)?.retain(|_, bytes| bytes != unwanted)?;
    Ok(())
}

/// Reads up to `count` records, the newest first.
pub(in crate::store) fn newest<R: Record>(
    transaction: &ReadTransaction,
    series: Series,
    count: usize,
) -> Result<Vec<R>, Fault> {
    let Some(table) = opened(transaction, series)? else { return Ok(Vec::new()) };
    let newest = table.iter()?.rev().take(count);
    newest.map(|entry| decode(entry?.1.value(), series.name())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    const SERIES: Series = Series::new("series");

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_dir(dir.path());
        let append_all = |transaction: &WriteTransaction| {
            let mut words = ["a", "b", "c", "d", "e"].into_iter().map(str::to_owned);
            words.try_for_each(|it| append(transaction, SERIES, &it, 3))
        };
        store.write(append_all).unwrap();
        let kept = |count| store.read(|it| newest::<String>(it, SERIES, count)).unwrap();
        assert_eq!(kept(usize::MAX), ["e", "d", "c"]);
        assert_eq!(kept(2), ["e", "d"]);
    }
}
