package adminapi

import (
	"context"

	"github.com/doemu/doemu/durable/storage"
)

// table is a table or a view of the program.
type table struct {
	Name    string   `json:"name"`
	Type    string   `json:"type" enum:"table,view"`
	SQL     string   `json:"sql" description:"The statement that made it"`
	Columns []column `json:"columns"`
	Rows    int64    `json:"rows"`
}

type column struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	NotNull    bool   `json:"notNull"`
	Default    any    `json:"default"`
	PrimaryKey int64  `json:"primaryKey" description:"The place in the primary key, from 1; 0 if it is not in it"`
}

func (a *api) tables(ctx context.Context, in storagePlace) (p page[table], err error) {
	t, err := a.target(in.objectPath)
	if err != nil {
		return p, err
	}
	ctx, cancel := a.hurry(ctx)
	defer cancel()
	err = t.look(ctx, in, func(db *storage.DB) error {
		p.items, err = tables(db)
		return err
	})
	return p, err
}

// tables describes the program's tables and views, with the numbers of their rows.
func tables(db *storage.DB) ([]table, error) {
	listed, err := db.Tables()
	if err != nil {
		return nil, err
	}
	all := []table{}
	for _, l := range listed {
		t := table{Name: l.Name, Type: l.Type, SQL: l.SQL, Columns: []column{}}
		columns, err := db.Columns(l.Name)
		if err != nil {
			return nil, err
		}
		for _, c := range columns {
			t.Columns = append(t.Columns, column{c.Name, c.Type, c.NotNull, cell(c.Default), c.PrimaryKey})
		}
		count, err := db.All("SELECT count(*) FROM " + storage.QuoteName(l.Name))
		if err != nil {
			return nil, err
		}
		t.Rows, _ = count[0][0].(int64)
		all = append(all, t)
	}
	return all, nil
}
