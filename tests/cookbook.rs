//! The cookbook's searches: takes docs/cookbook.md, runs each command line in it, compares the rows with those it shows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::process::{Command, Stdio};

/// One search of the page.
#[derive(Debug, PartialEq)]
struct Recipe {
    title: String,
    query: String,
    input: String,
    rows: String,
}

/// Reads the page: a heading, a command line, its rows.
fn read(page: &str) -> Vec<Recipe> {
    let mut recipes = Vec::new();
    for section in page.split("\n## ").skip(1) {
        let (title, rest) = section.split_once('\n').unwrap();
        let line = rest
            .lines()
            .find_map(|l| l.strip_prefix("spelunk search '"));
        let (query, input) = line.unwrap().rsplit_once("' ").unwrap();
        let rows = rest.split("```json\n").nth(1).unwrap();
        recipes.push(Recipe {
            title: title.to_owned(),
            query: query.replace("'\\''", "'"),
            input: input.to_owned(),
            rows: rows.split("\n```").next().unwrap().to_owned(),
        });
    }
    recipes
}

#[test]
fn every_search_of_the_cookbook_gives_its_rows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/cookbook.md")).unwrap();
    let recipes = read(&page);
    assert!(recipes.len() >= 12, "{} recipes", recipes.len());
    for recipe in recipes {
        let output = Command::new(env!("CARGO_BIN_EXE_spelunk"))
            .args(["search", &recipe.query, &recipe.input])
            .args(["--format", "ndjson", "--quiet"])
            .current_dir(root)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let rows = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(rows.trim(), recipe.rows, "{}\n{errors}", recipe.title);
    }
}

#[test]
fn a_page_is_read_as_it_stands() {
    let page = "# C\n\n## Who\n\n```\nspelunk search 'a=1 | where '\\''b'\\''=2' logs\n```\n```json\n{\"a\":1}\n```\n";
    let recipe = Recipe {
        title: "Who".to_owned(),
        query: "a=1 | where 'b'=2".to_owned(),
        input: "logs".to_owned(),
        rows: "{\"a\":1}".to_owned(),
    };
    assert_eq!(read(page), [recipe]);
}
