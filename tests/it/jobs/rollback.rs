//! Earlier releases that come back.

use crate::jobs::{
    Desk,
    stacks::{BLOG, blog, blog_name, deploy},
    way_back::{BROKEN, newer},
};
use serde_json::{Value, json};
use skep::{
    domain::{
        deployment::{
            deploy::Mode,
            plan::canonical,
            release::{ReleaseKey, ReleaseState},
        },
        swarm::{
            change::{Change, Confidential},
            cluster::ObjectKind,
        },
    },
    engine::{Engine, ReadEngine},
    jobs::{
        deploy::{RollbackOrder, rollback},
        operations::Operation,
    },
};
use std::collections::BTreeMap;

pub fn back_to(revision: u32) -> Operation {
    Operation::RollBackStack(RollbackOrder {
        stack: blog_name(),
        revision,
        with_registry_auth: false,
        message: "it was better".to_owned(),
        mode: Mode::Safe,
        confirmed: None,
    })
}

impl Desk {
    /// The specs of the stack as the engine compares them.
    async fn compared(&self) -> BTreeMap<String, Value> {
        let specs = self.specs().await.into_iter();
        specs.map(|(name, it)| (name, canonical::service(&it, &BTreeMap::new()))).collect()
    }

    /// The object of that kind and name.
    async fn id(&self, kind: ObjectKind, name: &str) -> String {
        let all = self.engine.list(kind, None).await.unwrap();
        let found = all.iter().find(|it| it["Spec"]["Name"] == name).unwrap();
        found["ID"].as_str().unwrap().to_owned()
    }

    async fn target(&self) -> Result<u32, String> {
        let store = &self.session.store;
        rollback::target(&self.engine, store, &blog_name()).await.map_err(|it| it.to_string())
    }
}

#[tokio::test(start_paused = true)]
async fn an_earlier_release_comes_back_as_it_was_and_is_a_release_of_its_own() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let first = desk.compared().await;
    desk.run(deploy(folder.path(), &newer())).await.succeeds("3 services run");
    assert_eq!(desk.target().await, Ok(1));
    desk.run(back_to(1)).await.succeeds("2 services run").says("removed blog_cache");
    assert_eq!(desk.compared().await, first);
    let release = desk.releases().await.remove(0);
    assert_eq!((release.key.revision, release.state), (3, ReleaseState::Healthy));
    assert_eq!((release.services.len(), release.healthy_services()), (3, (2, 2)));
    assert_eq!(release.order.message, "back to release 1: it was better");
    let [one, three] = [1, 3].map(|revision| {
        let key = ReleaseKey { revision, ..release.key.clone() };
        desk.store().snapshot(&key).unwrap().unwrap()
    });
    assert_eq!(one.sources, three.sources);
    let line = desk.store().audit(1).unwrap().remove(0);
    assert_eq!((&*line.action, &*line.object), ("roll back to release 1", "stack blog"));
}

#[tokio::test(start_paused = true)]
async fn a_release_of_today_comes_back_after_the_one_before() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    desk.run(deploy(folder.path(), &newer())).await.succeeds("3 services run");
    let second = desk.compared().await;
    desk.run(back_to(1)).await.succeeds("2 services run");
    assert_eq!(desk.target().await, Ok(2));
    desk.run(back_to(2)).await.succeeds("3 services run");
    assert_eq!(desk.compared().await, second);
}

#[tokio::test(start_paused = true)]
async fn a_release_whose_secret_is_gone_cannot_come_back_and_nothing_is_touched() {
    let (desk, folder) = (Desk::new(), blog());
    let body = Confidential(json!({ "Name": "db-password", "Labels": {}, "Data": "aHVudGVyMg==" }));
    let secret = Change::CreateSecret { name: "db-password".to_owned(), body };
    desk.engine.apply(&secret).await.unwrap();
    let with_secret = BLOG.replace("    configs: [my.cnf]", "    secrets: [db-password]")
        + "secrets:\n  db-password: {external: true, name: db-password}\n";
    desk.run(deploy(folder.path(), &with_secret)).await.succeeds("2 services run");
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let id = desk.id(ObjectKind::Secrets, "db-password").await;
    let name = "db-password".to_owned();
    desk.engine.apply(&Change::RemoveSecret { id, name }).await.unwrap();
    let writes = desk.changes();
    desk.run(back_to(1))
        .await
        .fails("service `blog_db`: secret not found: db-password")
        .hints("never their contents");
    assert_eq!(desk.changes(), writes);
    assert_eq!(desk.releases().await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_config_that_is_gone_is_made_again() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    let without = BLOG.replace("    configs: [my.cnf]\n", "");
    desk.run(deploy(folder.path(), &without)).await.succeeds("2 services run");
    let id = desk.id(ObjectKind::Configs, "blog_my.cnf").await;
    let name = "blog_my.cnf".to_owned();
    desk.engine.apply(&Change::RemoveConfig { id: id.clone(), name }).await.unwrap();
    desk.run(back_to(1)).await.succeeds("2 services run");
    let made = desk.id(ObjectKind::Configs, "blog_my.cnf").await;
    assert_ne!(made, id);
    let config = &desk.specs().await["blog_db"]["TaskTemplate"]["ContainerSpec"]["Configs"][0];
    assert_eq!(config["ConfigID"], made);
}

#[tokio::test(start_paused = true)]
async fn a_return_that_fails_leaves_what_was_there_before() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    desk.run(deploy(folder.path(), &newer())).await.succeeds("3 services run");
    let second = desk.specs().await;
    // By now the old image does not run any more.
    let _ = desk.engine.clone().breaking(BROKEN[0]);
    desk.run(back_to(1)).await.goes_back("blog_web");
    assert_eq!(desk.specs().await, second);
    let release = desk.releases().await.remove(0);
    assert_eq!((release.state, release.restored), (ReleaseState::RolledBack, Some(true)));
    assert_eq!(desk.target().await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_release_is_refused_by_its_number() {
    let (desk, folder) = (Desk::new(), blog());
    desk.run(back_to(1)).await.fails("stack `blog` has no release 1");
    desk.run(deploy(folder.path(), BLOG)).await.succeeds("2 services run");
    desk.run(back_to(7)).await.fails("stack `blog` has no release 7").hints("skep history blog");
    assert!(desk.target().await.unwrap_err().contains("no earlier healthy release"));
}
