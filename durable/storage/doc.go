// Package storage is what a Durable Object stores: key-value pairs, SQL tables
// and the alarm, in one SQLite file per object, laid out as wrangler and
// workerd lay it out. Each open object has one [DB], which belongs to the
// goroutine of that object.
//
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/
package storage
