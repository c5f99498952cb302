//! The rules that the catalog keeps.

use super::*;

fn owner(text: &str) -> Owner {
    text.parse().unwrap()
}

fn environment(text: &str) -> EnvironmentPath {
    text.parse().unwrap()
}

fn path(text: &str) -> StackPath {
    text.parse().unwrap()
}

fn source() -> StackSource {
    let place = SourcePlace::Kept;
    StackSource { place, dir: "/".to_owned(), compose: Vec::new(), env_files: Vec::new() }
}

fn add(catalog: &mut Catalog, stack: &str, swarm: &str) -> Result<u64, Refused> {
    catalog.create_stack(&path(stack), swarm.parse().unwrap(), source(), Timestamp::UNIX_EPOCH)
}

fn catalog() -> Catalog {
    let (mut catalog, now) = (Catalog::default(), Timestamp::UNIX_EPOCH);
    catalog.create_project(&"shop".parse().unwrap(), "", now).unwrap();
    let eu = Some("eu".to_owned());
    catalog.create_environment(&environment("shop/production"), eu, now).unwrap();
    let us = Some("us".to_owned());
    catalog.create_environment(&environment("shop/far"), us, now).unwrap();
    catalog.create_environment(&environment("shop/staging"), None, now).unwrap();
    add(&mut catalog, "shop/production/web", "web").unwrap();
    catalog
}

fn refused<T>(answer: Result<T, Refused>, expected: &str) {
    assert_eq!(answer.err().map(|it| it.to_string()).as_deref(), Some(expected));
}

#[test]
fn nothing_hangs_in_the_air() {
    let (mut catalog, now) = (catalog(), Timestamp::UNIX_EPOCH);
    let nowhere = catalog.create_environment(&environment("mail/production"), None, now);
    refused(nowhere, "there is no project `mail`");
    refused(add(&mut catalog, "shop/test/web", "x"), "there is no environment `shop/test`");
    refused(catalog.delete(&owner("shop/test")), "there is no environment `shop/test`");
    refused(
        catalog.delete(&owner("shop/production")),
        "environment `shop/production` still has shop/production/web",
    );
    refused(
        catalog.delete(&owner("shop")),
        "project `shop` still has shop/far, shop/production, shop/staging",
    );
    catalog.delete(&owner("shop/production/web")).unwrap();
    catalog.delete(&owner("shop/production")).unwrap();
}

#[test]
fn names_are_used_once() {
    let (mut catalog, now) = (catalog(), Timestamp::UNIX_EPOCH);
    let again = catalog.create_project(&"shop".parse().unwrap(), "", now);
    refused(again, "project `shop` exists already");
    refused(
        add(&mut catalog, "shop/production/web", "y"),
        "stack `shop/production/web` exists already",
    );
    refused(
        add(&mut catalog, "shop/staging/web", "web"),
        "the swarm name `web` belongs to shop/production/web",
    );
    // Two clusters may have stacks of one name.
    assert_eq!(add(&mut catalog, "shop/far/web", "web"), Ok(2));
}

#[test]
fn a_stack_is_found_by_its_name_in_the_swarm_it_lives_in() {
    let mut catalog = catalog();
    add(&mut catalog, "shop/far/web", "web").unwrap();
    let found = |context: &str| {
        let found = catalog.of_swarm(&"web".parse().unwrap(), Some(context));
        found.map(|it| it.path.to_string())
    };
    assert_eq!(found("eu").as_deref(), Some("shop/production/web"));
    assert_eq!(found("us").as_deref(), Some("shop/far/web"));
    assert_eq!(found("asia"), None);
}

#[test]
fn a_new_name_takes_all_along() {
    let mut catalog = catalog();
    catalog.rename_project(&"shop".parse().unwrap(), &"store".parse().unwrap()).unwrap();
    let production = environment("store/production");
    catalog.rename_environment(&production, &"live".parse().unwrap()).unwrap();
    catalog.rename_stack(&path("store/live/web"), &"front".parse().unwrap()).unwrap();
    let stack = catalog.stack(&path("store/live/front")).unwrap();
    assert_eq!((stack.id, stack.swarm.as_str()), (1, "web"));
    assert_eq!(catalog.environments.len(), 3);
    let taken = catalog.rename_environment(&environment("store/live"), &"far".parse().unwrap());
    refused(taken, "environment `store/far` exists already");
}
