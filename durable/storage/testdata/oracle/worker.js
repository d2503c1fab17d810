// Runs the steps of ../sql.json in an object of their own and tells what they
// did. The answers of workerd are what ../sql.golden.json holds.
import { DurableObject } from 'cloudflare:workers';

const hex = (bytes) => [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, '0')).join('');

function tell(value) {
  if (value instanceof ArrayBuffer) return { blob: hex(value.slice(0, 32)), size: value.byteLength };
  if (typeof value === 'number' && !Number.isFinite(value)) return { number: String(value) };
  return value;
}

function binding(value) {
  if (value !== null && typeof value === 'object') {
    if ('blob' in value) return Uint8Array.from(value.blob.match(/../g) ?? [], (b) => parseInt(b, 16));
    if ('number' in value) return Number(value.number);
  }
  return value;
}

export class Recorder extends DurableObject {
  run(steps) {
    const results = [];
    this.steps(steps, results);
    return results;
  }

  steps(steps, results) {
    for (const step of steps) {
      if (step.sync) {
        try {
          this.ctx.storage.transactionSync(() => {
            this.steps(step.sync, results);
            if (step.throw) throw new Error('thrown');
          });
        } catch (error) {
          if (error.message !== 'thrown') results.push({ error: `${error.name}: ${error.message}` });
        }
        continue;
      }
      results.push(this.step(step));
    }
  }

  step(step) {
    try {
      const cursor = this.ctx.storage.sql.exec(step.sql, ...(step.bind ?? []).map(binding));
      const before = { read: cursor.rowsRead, written: cursor.rowsWritten };
      const rows = [...cursor.raw()].map((row) => row.map(tell));
      const result = { columns: cursor.columnNames, rows, read: cursor.rowsRead, written: cursor.rowsWritten };
      if (before.read !== result.read || before.written !== result.written) result.before = before;
      if (step.size) result.size = this.ctx.storage.sql.databaseSize;
      return result;
    } catch (error) {
      return { error: `${error.name}: ${error.message}` };
    }
  }
}

export default {
  async fetch(request, env) {
    const groups = await request.json();
    const answers = [];
    for (const group of groups) {
      const object = env.OBJECTS.getByName(group.name);
      try {
        answers.push({ name: group.name, results: await object.run(group.steps) });
      } catch (error) {
        answers.push({ name: group.name, failure: String(error) });
      }
    }
    return Response.json(answers);
  },
};
