// The types of the admin API, made from its OpenAPI document by npm run generate.

export interface paths {
    "/api/v1/alarms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All alarms, in the order in which they run next */
        get: operations["getAlarms"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the clock shows */
        get: operations["getClock"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clock/advance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let time pass on a clock that stands, and wait until all is done that falls due */
        post: operations["postClockAdvance"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clock/freeze": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop the clock */
        post: operations["postClockFreeze"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clock/next": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let time pass up to what falls due next */
        post: operations["postClockNext"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clock/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let the clock run on */
        post: operations["postClockResume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clock/set": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Move the clock without passing through the time between */
        post: operations["postClockSet"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/diagnose": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Check whether all works that doemu needs; it goes on after a failure */
        get: operations["getDiagnose"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happens, as server-sent events with the numbers of the journal, which Last-Event-ID goes on from */
        get: operations["getEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/evict": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take all objects out of memory */
        post: operations["postEvict"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/faults": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The rules by which objects meet failures */
        get: operations["getFaults"];
        /** Set the rules, in place of those before */
        put: operations["putFaults"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/info": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What runs: doemu, the project, its Workers and their bindings */
        get: operations["getInfo"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened */
        get: operations["getJournal"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/namespaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the Durable Object classes, with the counts of their objects */
        get: operations["getNamespaces"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/namespaces/{namespace}/objects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the objects of a namespace, by id */
        get: operations["getNamespacesByNamespaceObjects"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/namespaces/{namespace}/objects/{object}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All of one object */
        get: operations["getNamespacesByNamespaceObjectsByObject"];
        put?: never;
        post?: never;
        /** Delete an object: its storage, its alarm and its WebSockets */
        delete: operations["deleteNamespacesByNamespaceObjectsByObject"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/namespaces/{namespace}/objects/{object}/alarm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set an object's alarm, or move it */
        put: operations["putNamespacesByNamespaceObjectsByObjectAlarm"];
        post?: never;
        /** Delete an object's alarm */
        delete: operations["deleteNamespacesByNamespaceObjectsByObjectAlarm"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/namespaces/{namespace}/objects/{object}/alarm/fire": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run an object's alarm now, and wait for its end */
        post: operations["postNamespacesByNamespaceObjectsByObjectAlarmFire"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/namespaces/{namespace}/objects/{object}/evict": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take an object out of memory, once it is idle */
        post: operations["postNamespacesByNamespaceObjectsByObjectEvict"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/namespaces/{namespace}/objects/{object}/fetch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Send an object a request without a body, or connect a WebSocket */
        get: operations["getNamespacesByNamespaceObjectsByObjectFetch"];
        put?: never;
        /** Send an object a request: what stub.fetch() does. The request goes on with its method, headers and body, and the answer is the program's own, marked by X-Doemu-Response; WebSockets pass too. A failure is answered as everywhere */
        post: operations["postNamespacesByNamespaceObjectsByObjectFetch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/namespaces/{namespace}/objects/{object}/rpc/{method}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a property of an object, as a stub does */
        get: operations["getNamespacesByNamespaceObjectsByObjectRpcByMethod"];
        put?: never;
        /** Call a method of an object, as a stub does. The body and the answer are JSON, or with Content-Type application/x-v8-serialized the serialized array of the arguments, and the serialized result */
        post: operations["postNamespacesByNamespaceObjectsByObjectRpcByMethod"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/namespaces/{namespace}/objects/{object}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run a function in an object, fn(instance, state, ...args), as an event of its own. The body is the serialized array of the function's source and its further arguments; the answer is the serialized result, or the response that the function returned, marked by X-Doemu-Response */
        post: operations["postNamespacesByNamespaceObjectsByObjectRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/namespaces/{namespace}/objects/{object}/sockets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The hibernatable WebSockets of an object, with what went over them last */
        get: operations["getNamespacesByNamespaceObjectsByObjectSockets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/namespaces/{namespace}/objects/{object}/sockets/{id}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Close a WebSocket, as the object would */
        post: operations["postNamespacesByNamespaceObjectsByObjectSocketsByIdClose"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/namespaces/{namespace}/objects/{object}/sockets/{id}/send": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a message to the client, or to the object as if the client had sent it */
        post: operations["postNamespacesByNamespaceObjectsByObjectSocketsByIdSend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/namespaces/{namespace}/objects/{object}/storage/kv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List key-value pairs, in the order of their keys */
        get: operations["getNamespacesByNamespaceObjectsByObjectStorageKv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/namespaces/{namespace}/objects/{object}/storage/kv/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One value */
        get: operations["getNamespacesByNamespaceObjectsByObjectStorageKvByKey"];
        /** Store a value, which the body is as JSON */
        put: operations["putNamespacesByNamespaceObjectsByObjectStorageKvByKey"];
        post?: never;
        /** Delete a key */
        delete: operations["deleteNamespacesByNamespaceObjectsByObjectStorageKvByKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/namespaces/{namespace}/objects/{object}/storage/query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run SQL: one query, or several that are written together or not at all */
        post: operations["postNamespacesByNamespaceObjectsByObjectStorageQuery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/namespaces/{namespace}/objects/{object}/storage/tables": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The program's tables and views */
        get: operations["getNamespacesByNamespaceObjectsByObjectStorageTables"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["getOpenapiJson"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Build the code of all Workers again */
        post: operations["postReload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Delete an object, all objects of a namespace, or all objects */
        post: operations["postReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/scheduled": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run a Worker's scheduled handler, as a cron trigger does */
        post: operations["postScheduled"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/services/{worker}/fetch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Send a Worker a request without a body, or connect a WebSocket */
        get: operations["getServicesByWorkerFetch"];
        put?: never;
        /** Send a Worker a request: what stub.fetch() does. The request goes on with its method, headers and body, and the answer is the program's own, marked by X-Doemu-Response; WebSockets pass too. A failure is answered as everywhere */
        post: operations["postServicesByWorkerFetch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/services/{worker}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The files that the Worker's code was made of: a change of one calls for reload */
        get: operations["getServicesByWorkerFiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/services/{worker}/rpc/{method}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a property of a Worker, as a service binding does */
        get: operations["getServicesByWorkerRpcByMethod"];
        put?: never;
        /** Call a method of a Worker, as a service binding does. The body and the answer are JSON, or with Content-Type application/x-v8-serialized the serialized array of the arguments, and the serialized result */
        post: operations["postServicesByWorkerRpcByMethod"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/services/{worker}/vars": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The variables of a Worker's env, secret ones too */
        get: operations["getServicesByWorkerVars"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/settle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Wait until nothing is being done that does not wait for time or for the outside */
        post: operations["postSettle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/snapshots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the snapshots, the newest first */
        get: operations["getSnapshots"];
        put?: never;
        /** Save the state at one instant: all of it, or chosen objects */
        post: operations["postSnapshots"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/snapshots/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A snapshot with its objects */
        get: operations["getSnapshotsByName"];
        put?: never;
        post?: never;
        /** Delete a snapshot */
        delete: operations["deleteSnapshotsByName"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/snapshots/{name}/archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A snapshot as a compressed tar of SQLite files */
        get: operations["getSnapshotsByNameArchive"];
        put?: never;
        /** Take a snapshot from an archive */
        post: operations["postSnapshotsByNameArchive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/snapshots/{name}/diff/{other}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What differs between two snapshots, or one and now */
        get: operations["getSnapshotsByNameDiffByOther"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/snapshots/{name}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go back to a snapshot */
        post: operations["postSnapshotsByNameRestore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/worlds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the worlds, in the order in which they were made */
        get: operations["getWorlds"];
        put?: never;
        /** Make a world: a state of its own of the same Workers */
        post: operations["postWorlds"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/worlds/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a world */
        delete: operations["deleteWorldsById"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether doemu is alive */
        get: operations["getLivez"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics in the format of Prometheus */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether code is loaded and serves */
        get: operations["getReadyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        ActiveRule: {
            /** @description How often it failed something */
            happened: number;
            message?: string;
            /** @description How often it was looked at */
            met: number;
            /**
             * Format: double
             * @description Milliseconds of a delay
             */
            ms?: number;
            namespace?: string;
            /** @description How many times it happens */
            next?: number;
            object?: string;
            /**
             * Format: double
             * @description How often it happens, from 0 to 1
             */
            rate?: number;
            what: string;
            where: string;
        };
        AdvanceRequest: {
            /** @description The milliseconds that are to pass */
            ms?: null | number;
        };
        Alarm: {
            /** @description What was set */
            at: components["schemas"]["Moment"];
            /** @description How many runs have failed */
            attempt: number;
            lastError?: string;
            name?: string;
            namespace: string;
            /** @description When the handler runs next: later after failures */
            next: components["schemas"]["Moment"];
            object: string;
            running: boolean;
        };
        AlarmChange: {
            after: components["schemas"]["Moment"] | null;
            before: components["schemas"]["Moment"] | null;
        };
        AlarmOf: {
            alarm: components["schemas"]["Alarm"] | null;
        };
        AlarmRequest: {
            at?: components["schemas"]["Instant"];
        };
        Alive: {
            /** @enum {string} */
            status: "alive";
        };
        ApiError: {
            code: number;
            message: string;
            thrown?: components["schemas"]["Thrown"];
        };
        AutoResponse: {
            request: string;
            response: string;
        };
        /** Format: binary */
        Binary: string;
        Binding: {
            entrypoint?: string;
            name: string;
            props?: unknown;
            to?: string;
            type: string;
        };
        Class: {
            name: string;
            namespace: string;
            /** @enum {string} */
            storage: "sqlite" | "kv";
        };
        Clock: {
            /** @enum {string} */
            mode: "real" | "frozen";
            next: components["schemas"]["Due"] | null;
            now: components["schemas"]["Moment"];
            /** @description How many things wait for their time */
            waiting: number;
        };
        Closed: {
            closed: boolean;
        };
        CloseRequest: {
            /** @description 1000, or 3000 to 4999; none if not given */
            code?: number;
            reason?: string;
        };
        Column: {
            default: unknown;
            name: string;
            notNull: boolean;
            /**
             * Format: int64
             * @description The place in the primary key, from 1; 0 if it is not in it
             */
            primaryKey: number;
            type: string;
        };
        Comparison: {
            from: string;
            /** @description Whether there are more objects that differ */
            more: boolean;
            objects: components["schemas"]["ObjectChange"][];
            to: string;
        };
        Deleted: {
            deleted: boolean;
        };
        Diagnosed: {
            /** @description What was seen, or what is wrong */
            detail: string;
            /**
             * Format: double
             * @description How long it took, by the machine's time
             */
            ms: number;
            name: string;
            ok: boolean;
        };
        Diagnosis: {
            checks: components["schemas"]["Diagnosed"][];
            /** @description Whether all parts are well */
            ok: boolean;
        };
        Due: {
            at: components["schemas"]["Moment"];
            detail?: string;
            kind: string;
            name?: string;
            namespace?: string;
            object?: string;
            worker?: string;
        };
        Entry: {
            /** @description The length of the serialized value */
            bytes: number;
            json?: unknown;
            key: string;
            /** @description The value in JavaScript's notation, perhaps cut */
            preview: string;
            /** @description What typeof says, or the class of an object */
            type: string;
        };
        Envelope_AlarmOf: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["AlarmOf"];
            success: boolean;
        };
        Envelope_Clock: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Clock"];
            success: boolean;
        };
        Envelope_Closed: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Closed"];
            success: boolean;
        };
        Envelope_Comparison: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Comparison"];
            success: boolean;
        };
        Envelope_Deleted: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Deleted"];
            success: boolean;
        };
        Envelope_Diagnosis: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Diagnosis"];
            success: boolean;
        };
        Envelope_Entry: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Entry"];
            success: boolean;
        };
        Envelope_Evicted: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Evicted"];
            success: boolean;
        };
        Envelope_EvictedAll: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["EvictedAll"];
            success: boolean;
        };
        Envelope_FaultRules: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["FaultRules"];
            success: boolean;
        };
        Envelope_Files: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Files"];
            success: boolean;
        };
        Envelope_Fired: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Fired"];
            success: boolean;
        };
        Envelope_Info: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Info"];
            success: boolean;
        };
        Envelope_Passed: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Passed"];
            success: boolean;
        };
        Envelope_ReloadResult: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["ReloadResult"];
            success: boolean;
        };
        Envelope_ResetResult: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["ResetResult"];
            success: boolean;
        };
        Envelope_Restored: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Restored"];
            success: boolean;
        };
        Envelope_Rows: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Rows"][];
            success: boolean;
        };
        Envelope_ScheduledResult: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["ScheduledResult"];
            success: boolean;
        };
        Envelope_Sent: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Sent"];
            success: boolean;
        };
        Envelope_SnapshotSummary: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["SnapshotSummary"];
            success: boolean;
        };
        Envelope_Sockets: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Sockets"];
            success: boolean;
        };
        Envelope_Value: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Value"];
            success: boolean;
        };
        Envelope_Vars: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Vars"];
            success: boolean;
        };
        Envelope_WholeObject: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["WholeObject"];
            success: boolean;
        };
        Envelope_WholeSnapshot: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["WholeSnapshot"];
            success: boolean;
        };
        Envelope_WorldView: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["WorldView"];
            success: boolean;
        };
        Event: {
            /** @description Method and path, RPC method, reason, or the line that was written */
            detail?: string;
            /**
             * Format: double
             * @description Milliseconds
             */
            duration?: number;
            /** @description With the stack in the user's own files */
            error?: string;
            /** @description The build of the code */
            generation?: number;
            hint?: components["schemas"]["HintOf"];
            kind: string;
            /** @description Of a console line */
            level?: string;
            /** @description Of the object */
            name?: string;
            namespace?: string;
            object?: string;
            /** @description The number of the event */
            seq: number;
            /** @description Of an HTTP response */
            status?: number;
            time: components["schemas"]["Moment"];
            worker?: string;
        };
        EvictAllRequest: {
            /** @enum {string} */
            webSockets?: "hibernate" | "close";
        };
        Evicted: {
            /**
             * Format: int64
             * @description How long it took, by the machine's time
             */
            ms: number;
            object: string;
            /** @enum {string} */
            webSockets: "hibernate" | "close";
        };
        EvictedAll: {
            /** @enum {string} */
            webSockets: "hibernate" | "close";
        };
        EvictRequest: {
            /**
             * @description What becomes of hibernatable WebSockets
             * @enum {string}
             */
            webSockets?: "hibernate" | "close";
        };
        Facet: {
            /**
             * Format: int64
             * @description What its storage takes
             */
            bytes: number;
            /** @description The names that lead to it from the object, its own last: what facet= is given */
            path: string[];
        };
        Failed: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: (Record<string, never> | null) | null;
            success: boolean;
        };
        FaultRules: {
            rules: components["schemas"]["ActiveRule"][];
        };
        Files: {
            files: string[];
        };
        Fired: {
            alarm: components["schemas"]["Alarm"] | null;
            /** @description What the handler threw */
            error?: string;
            object: string;
        };
        Frame: {
            /** @description Whether it belongs to an automatic response */
            automatic: boolean;
            bytes: number;
            /** @enum {string} */
            from: "client" | "object";
            /** @enum {string} */
            kind: "text" | "binary" | "close";
            preview?: string;
            time: components["schemas"]["Moment"];
        };
        HintOf: {
            /** @description The mistake, for programs */
            code: string;
            /** @description A page of Cloudflare's documentation */
            link: string;
            /** @description Its number in docs/mistakes.md */
            mistake?: number;
            /** @description The place in the user's files, file:line:column from the directory of the configuration */
            source?: string;
        };
        Info: {
            clock: components["schemas"]["Clock"];
            /** @description The name of the Worker that answers HTTP */
            project: string;
            /** @description When this doemu started, by the machine's clock: another one has another journal */
            startedAt: components["schemas"]["Moment"];
            /** @description Where objects keep their state; empty in memory */
            stateDir: string;
            version: string;
            workers: components["schemas"]["Worker"][];
        };
        /** @description RFC 3339, a date, or milliseconds since 1970 */
        Instant: string | number;
        KeyChange: {
            after: components["schemas"]["Value"] | null;
            before: components["schemas"]["Value"] | null;
            /** @enum {string} */
            change: "added" | "removed" | "changed";
            key: string;
        };
        List_Alarm: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Alarm"][];
            result_info: components["schemas"]["ResultInfo"];
            success: boolean;
        };
        List_Entry: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Entry"][];
            result_info: components["schemas"]["ResultInfo"];
            success: boolean;
        };
        List_Event: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Event"][];
            result_info: components["schemas"]["ResultInfo"];
            success: boolean;
        };
        List_Namespace: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Namespace"][];
            result_info: components["schemas"]["ResultInfo"];
            success: boolean;
        };
        List_Object: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Object"][];
            result_info: components["schemas"]["ResultInfo"];
            success: boolean;
        };
        List_SnapshotSummary: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["SnapshotSummary"][];
            result_info: components["schemas"]["ResultInfo"];
            success: boolean;
        };
        List_Table: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["Table"][];
            result_info: components["schemas"]["ResultInfo"];
            success: boolean;
        };
        List_WorldView: {
            errors: components["schemas"]["ApiError"][];
            messages: string[];
            result: components["schemas"]["WorldView"][];
            result_info: components["schemas"]["ResultInfo"];
            success: boolean;
        };
        /** Format: date-time */
        Moment: string;
        Namespace: {
            alarms: number;
            class: string;
            /** @description The build of the code that serves */
            generation: number;
            id: string;
            /** @description How many objects there are */
            objects: number;
            /** @description Hibernatable WebSockets of all objects */
            sockets: number;
            states: components["schemas"]["States"];
            /** @enum {string} */
            storage: "sqlite" | "kv";
            worker: string;
        };
        Object: {
            alarm: components["schemas"]["Alarm"] | null;
            /**
             * Format: int64
             * @description What its storage takes
             */
            bytes: number;
            /** @description The build of the code that it runs; none when it is not in memory */
            generation?: number;
            id: string;
            lastEvent: components["schemas"]["Event"] | null;
            /** @description Where a stub asked for it to be, which has no effect */
            locationHint?: string;
            /** @description By which it was reached; an id does not tell it */
            name?: string;
            /** @description What keeps it in memory, the oldest first */
            pinnedBy: components["schemas"]["Pin"][];
            /** @description Hibernatable WebSockets */
            sockets: number;
            /** @enum {string} */
            state: "active" | "idle" | "hibernated" | "evicted";
            /** @description Whether it has storage */
            stored: boolean;
        };
        ObjectCallRequest: {
            /** @description The arguments, as JSON */
            args?: unknown[];
        };
        ObjectChange: {
            alarm: components["schemas"]["AlarmChange"] | null;
            /** @enum {string} */
            change: "added" | "removed" | "changed";
            id: string;
            keys: components["schemas"]["KeyChange"][];
            /** @description Whether there are more keys that differ */
            more: boolean;
            name?: string;
            namespace: string;
            tables: components["schemas"]["TableChange"][];
        };
        Passed: {
            /** @description How many things were done */
            count: number;
            from: components["schemas"]["Moment"];
            /** @enum {string} */
            mode: "real" | "frozen";
            next: components["schemas"]["Due"] | null;
            now: components["schemas"]["Moment"];
            /** @description What outside had not ended */
            pending: string[];
            /** @description The first of them, in order */
            ran: components["schemas"]["Due"][];
            to: components["schemas"]["Moment"];
            /** @description How many things wait for their time */
            waiting: number;
        };
        Pin: {
            detail?: string;
            kind: string;
        };
        Place: {
            namespace: string;
            /** @description The 64 hex digits of the id, or name: and the name; all of the namespace if empty */
            object?: string;
        };
        QueryRequest: {
            /** @description How many rows are given at most: 1000 if not given, 10000 at most */
            limit?: number;
            /** @description Numbers, text, booleans, null, or blobs as {"base64": …} */
            params?: unknown[];
            /** @description Instead of sql: several, in one transaction */
            queries?: components["schemas"]["Statement"][];
            /** @description Refuse to write */
            readonly?: boolean;
            sql?: string;
        };
        Readiness: {
            generation?: number;
            reason?: string;
            /**
             * @description degraded: the last build failed, the one before it serves
             * @enum {string}
             */
            status: "ready" | "degraded" | "starting";
        };
        ReloadResult: {
            workers: components["schemas"]["Worker"][];
        };
        ResetRequest: {
            namespace?: string;
            /** @description The 64 hex digits of the id, or name: and the name */
            object?: string;
        };
        ResetResult: {
            /** @description How many objects were deleted */
            deleted: number;
        };
        Restored: {
            /** @description How many objects are gone that it covers and does not have */
            deleted: number;
            /** @description How many objects have the state of the snapshot now */
            restored: number;
        };
        RestoreRequest: {
            /**
             * @description What becomes of the hibernatable WebSockets of objects that are restored: close if it is not given
             * @enum {string}
             */
            webSockets?: "close" | "keep";
        };
        ResultInfo: {
            count: number;
            cursor: string;
        };
        RowChange: {
            after: (null | unknown[]) | null;
            before: (null | unknown[]) | null;
            /** @enum {string} */
            change: "added" | "removed" | "changed";
        };
        Rows: {
            columns: string[];
            /** @description Blobs are {"base64": …}, infinite numbers {"number": …} */
            rows: unknown[][];
            /** Format: int64 */
            rowsRead: number;
            /** Format: int64 */
            rowsWritten: number;
            /** @description Whether there are more rows than the limit */
            truncated: boolean;
        };
        Rule: {
            message?: string;
            /**
             * Format: double
             * @description Milliseconds of a delay
             */
            ms?: number;
            namespace?: string;
            /** @description How many times it happens */
            next?: number;
            object?: string;
            /**
             * Format: double
             * @description How often it happens, from 0 to 1
             */
            rate?: number;
            what: string;
            where: string;
        };
        SaveRequest: {
            /** @description Made of the time if it is not given */
            name?: string;
            /** @description What is saved; everything if it is not given */
            objects?: components["schemas"]["Place"][];
        };
        ScheduledRequest: {
            /** @description The time that the handler is told; now if not given */
            at?: components["schemas"]["Instant"];
            /** @description The expression that the handler is told */
            cron?: string;
            /** @description The first one if not given */
            worker?: string;
        };
        ScheduledResult: {
            noRetry: boolean;
            /** @enum {string} */
            outcome: "ok" | "exception";
        };
        SendRequest: {
            /** @description A binary message, instead of text */
            base64?: null | string;
            text?: null | string;
            /**
             * @description client if not given
             * @enum {string}
             */
            to?: "client" | "object";
        };
        Sent: {
            sent: boolean;
        };
        ServiceCallRequest: {
            /** @description The arguments, as JSON */
            args?: unknown[];
        };
        SetClockRequest: {
            at?: components["schemas"]["Instant"];
        };
        SetFaultsRequest: {
            rules?: components["schemas"]["Rule"][];
        };
        SnapshotItem: {
            alarm: components["schemas"]["Moment"] | null;
            /** Format: int64 */
            bytes: number;
            id: string;
            name?: string;
            namespace: string;
        };
        SnapshotSummary: {
            /** @description When it was saved, by the emulator's clock */
            at: components["schemas"]["Moment"];
            /**
             * Format: int64
             * @description What the storage of all of them takes
             */
            bytes: number;
            /** @description Whether the clock stood still */
            frozen: boolean;
            name: string;
            /** @description How many objects it has */
            objects: number;
            /** @description Whether it is of the whole state, or of chosen objects */
            whole: boolean;
        };
        Socket: {
            answeredAt: components["schemas"]["Moment"] | null;
            attachment: components["schemas"]["Value"] | null;
            /** @description The newest, the oldest of them first */
            frames: components["schemas"]["Frame"][];
            id: number;
            openedAt: components["schemas"]["Moment"];
            tags: string[];
        };
        Sockets: {
            autoResponse: components["schemas"]["AutoResponse"] | null;
            sockets: components["schemas"]["Socket"][];
        };
        Statement: {
            /** @description Numbers, text, booleans, null, or blobs as {"base64": …} */
            params?: unknown[];
            sql?: string;
        };
        States: {
            active: number;
            evicted: number;
            hibernated: number;
            idle: number;
        };
        Table: {
            columns: components["schemas"]["Column"][];
            name: string;
            /** Format: int64 */
            rows: number;
            /** @description The statement that made it */
            sql: string;
            /** @enum {string} */
            type: "table" | "view";
        };
        TableChange: {
            /** @enum {string} */
            change: "added" | "removed" | "changed";
            columns: string[];
            /** @description Whether there are more rows that differ */
            more: boolean;
            rows: components["schemas"]["RowChange"][];
            sqlAfter?: string;
            /** @description The statement that made it */
            sqlBefore?: string;
            table: string;
        };
        Thrown: {
            message: string;
            /** @description Of the error, such as TypeError; empty for a thrown value that is no error */
            name: string;
            /** @description Further ones, such as remote, retryable or overloaded */
            properties?: {
                [key: string]: unknown;
            };
            /** @description Lines of where it was thrown, in the user's files */
            stack?: string;
            /** @description What was thrown in V8's structured-clone format, as base64, where that is known */
            value?: string;
        };
        Value: {
            /** @description The length of the serialized value */
            bytes: number;
            json?: unknown;
            /** @description The value in JavaScript's notation, perhaps cut */
            preview: string;
            /** @description What typeof says, or the class of an object */
            type: string;
        };
        Vars: {
            vars: {
                [key: string]: unknown;
            };
        };
        WholeObject: {
            alarm: components["schemas"]["Alarm"] | null;
            /**
             * Format: int64
             * @description What its storage takes
             */
            bytes: number;
            /** @description What happened to it last, the oldest first */
            events: components["schemas"]["Event"][];
            /** @description Those that have storage */
            facets: components["schemas"]["Facet"][];
            /** @description The build of the code that it runs; none when it is not in memory */
            generation?: number;
            id: string;
            /** @description How many key-value pairs it has */
            keys: number;
            lastEvent: components["schemas"]["Event"] | null;
            /** @description Where a stub asked for it to be, which has no effect */
            locationHint?: string;
            /** @description By which it was reached; an id does not tell it */
            name?: string;
            namespace: string;
            /** @description What keeps it in memory, the oldest first */
            pinnedBy: components["schemas"]["Pin"][];
            /** @description Hibernatable WebSockets */
            sockets: number;
            /** @enum {string} */
            state: "active" | "idle" | "hibernated" | "evicted";
            /** @description Whether it has storage */
            stored: boolean;
            tables: components["schemas"]["Table"][];
            webSockets: components["schemas"]["Sockets"];
        };
        WholeSnapshot: {
            /** @description When it was saved, by the emulator's clock */
            at: components["schemas"]["Moment"];
            /**
             * Format: int64
             * @description What the storage of all of them takes
             */
            bytes: number;
            /** @description Whether the clock stood still */
            frozen: boolean;
            items: components["schemas"]["SnapshotItem"][];
            name: string;
            /** @description How many objects it has */
            objects: number;
            /** @description Whether it is of the whole state, or of chosen objects */
            whole: boolean;
        };
        Worker: {
            bindings: components["schemas"]["Binding"][];
            classes: components["schemas"]["Class"][];
            compatibilityDate: string;
            /** @description The configuration file */
            config: string;
            crons: string[];
            environment?: string;
            /** @description Why the newest build does not serve */
            error?: string;
            /** @description The build that serves; 0 if none has started */
            generation: number;
            name: string;
        };
        WorldRequest: {
            /** @description The time at which the clock begins */
            at?: components["schemas"]["Instant"];
            /**
             * @description Where the clock of a snapshot of everything stood, or real, if it is not given
             * @enum {string}
             */
            clock?: "real" | "frozen";
            /** @description The snapshot that it begins with; nothing if it is not given */
            from?: string;
            /** @description For people */
            name?: string;
            /** @description The number from which all randomness comes, so that two runs do the same */
            seed?: null | number;
            /** @description The id of the world that has the snapshot */
            world?: string;
        };
        WorldView: {
            /** @description What the paths of this API begin with, for the world */
            adminUrl: string;
            id: string;
            /** @description By the machine's clock */
            madeAt: components["schemas"]["Moment"];
            name?: string;
            /** @description Where its Worker answers */
            url: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getAlarms: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Alarm"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getClock: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Clock"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postClockAdvance: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["AdvanceRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Passed"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postClockFreeze: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Clock"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postClockNext: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Passed"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postClockResume: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Clock"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postClockSet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SetClockRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Passed"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getDiagnose: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Diagnosis"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getEvents: {
        parameters: {
            query?: {
                /** @description One or more, separated by commas */
                kind?: string[];
                namespace?: string;
                object?: string;
                /** @description The number of an event; those after it are given */
                since?: (null | number) | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postEvict: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["EvictAllRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_EvictedAll"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getFaults: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_FaultRules"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    putFaults: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SetFaultsRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_FaultRules"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getInfo: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Info"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getJournal: {
        parameters: {
            query?: {
                cursor?: (null | number) | null;
                /** @description One or more, separated by commas */
                kind?: string[];
                /** @description How many of the newest are given, in place of a page of the oldest */
                last?: number;
                /** @description 1000 if not given */
                limit?: number;
                namespace?: string;
                object?: string;
                /** @description The number of an event; those after it are given */
                since?: (null | number) | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Event"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getNamespaces: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Namespace"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getNamespacesByNamespaceObjects: {
        parameters: {
            query?: {
                cursor?: string;
                /** @description 100 if not given, 10000 at most */
                limit?: number;
                /** @description How their id or name begins */
                prefix?: string;
                state?: "active" | "idle" | "hibernated" | "evicted";
            };
            header?: never;
            path: {
                namespace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Object"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getNamespacesByNamespaceObjectsByObject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_WholeObject"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    deleteNamespacesByNamespaceObjectsByObject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Deleted"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    putNamespacesByNamespaceObjectsByObjectAlarm: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["AlarmRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_AlarmOf"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    deleteNamespacesByNamespaceObjectsByObjectAlarm: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Deleted"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postNamespacesByNamespaceObjectsByObjectAlarmFire: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Fired"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postNamespacesByNamespaceObjectsByObjectEvict: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["EvictRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Evicted"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getNamespacesByNamespaceObjectsByObjectFetch: {
        parameters: {
            query?: never;
            header?: {
                /** @description request.cf, as JSON; none if not given */
                "X-Doemu-Cf"?: string;
                /** @description All headers that it sees, in place of the request's own: JSON of [name, value] pairs */
                "X-Doemu-Headers"?: string;
                /** @description The method that it sees, if that is another one */
                "X-Doemu-Method"?: string;
                /** @description The URL that the program sees; http://localhost/ if not given */
                "X-Doemu-Url"?: string;
            };
            path: {
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "*/*": string;
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postNamespacesByNamespaceObjectsByObjectFetch: {
        parameters: {
            query?: never;
            header?: {
                /** @description request.cf, as JSON; none if not given */
                "X-Doemu-Cf"?: string;
                /** @description All headers that it sees, in place of the request's own: JSON of [name, value] pairs */
                "X-Doemu-Headers"?: string;
                /** @description The method that it sees, if that is another one */
                "X-Doemu-Method"?: string;
                /** @description The URL that the program sees; http://localhost/ if not given */
                "X-Doemu-Url"?: string;
            };
            path: {
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "*/*": string;
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getNamespacesByNamespaceObjectsByObjectRpcByMethod: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A name, or several that lead from the receiver to the member as a JSON array */
                method: string;
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Value"];
                    "application/x-v8-serialized": components["schemas"]["Binary"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postNamespacesByNamespaceObjectsByObjectRpcByMethod: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A name, or several that lead from the receiver to the member as a JSON array */
                method: string;
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ObjectCallRequest"];
                "application/x-v8-serialized": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Value"];
                    "application/x-v8-serialized": components["schemas"]["Binary"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postNamespacesByNamespaceObjectsByObjectRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/x-v8-serialized": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-v8-serialized": components["schemas"]["Binary"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getNamespacesByNamespaceObjectsByObjectSockets: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Sockets"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postNamespacesByNamespaceObjectsByObjectSocketsByIdClose: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["CloseRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Closed"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postNamespacesByNamespaceObjectsByObjectSocketsByIdSend: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SendRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Sent"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getNamespacesByNamespaceObjectsByObjectStorageKv: {
        parameters: {
            query?: {
                cursor?: string;
                /** @description The names that lead to a facet, given once for each; the object itself if not given */
                facet?: string[];
                /** @description 1000 if not given, 10000 at most */
                limit?: number;
                prefix?: string;
            };
            header?: never;
            path: {
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Entry"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getNamespacesByNamespaceObjectsByObjectStorageKvByKey: {
        parameters: {
            query?: {
                /** @description The names that lead to a facet, given once for each; the object itself if not given */
                facet?: string[];
            };
            header?: never;
            path: {
                /** @description URL-encoded */
                key: string;
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Entry"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    putNamespacesByNamespaceObjectsByObjectStorageKvByKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description URL-encoded */
                key: string;
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Entry"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    deleteNamespacesByNamespaceObjectsByObjectStorageKvByKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description URL-encoded */
                key: string;
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Deleted"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postNamespacesByNamespaceObjectsByObjectStorageQuery: {
        parameters: {
            query?: {
                /** @description The names that lead to a facet, given once for each; the object itself if not given */
                facet?: string[];
            };
            header?: never;
            path: {
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["QueryRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Rows"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getNamespacesByNamespaceObjectsByObjectStorageTables: {
        parameters: {
            query?: {
                /** @description The names that lead to a facet, given once for each; the object itself if not given */
                facet?: string[];
            };
            header?: never;
            path: {
                /** @description <worker>-<Class> */
                namespace: string;
                /** @description The 64 hex digits of the id, or name: and the URL-encoded name */
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Table"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getOpenapiJson: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postReload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_ReloadResult"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postReset: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ResetRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_ResetResult"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postScheduled: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ScheduledRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_ScheduledResult"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getServicesByWorkerFetch: {
        parameters: {
            query?: {
                /** @description The name of an export; the default export if not given */
                entrypoint?: string;
                /** @description ctx.props, as JSON */
                props?: string;
            };
            header?: {
                /** @description request.cf, as JSON; none if not given */
                "X-Doemu-Cf"?: string;
                /** @description All headers that it sees, in place of the request's own: JSON of [name, value] pairs */
                "X-Doemu-Headers"?: string;
                /** @description The method that it sees, if that is another one */
                "X-Doemu-Method"?: string;
                /** @description The URL that the program sees; http://localhost/ if not given */
                "X-Doemu-Url"?: string;
            };
            path: {
                worker: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "*/*": string;
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postServicesByWorkerFetch: {
        parameters: {
            query?: {
                /** @description The name of an export; the default export if not given */
                entrypoint?: string;
                /** @description ctx.props, as JSON */
                props?: string;
            };
            header?: {
                /** @description request.cf, as JSON; none if not given */
                "X-Doemu-Cf"?: string;
                /** @description All headers that it sees, in place of the request's own: JSON of [name, value] pairs */
                "X-Doemu-Headers"?: string;
                /** @description The method that it sees, if that is another one */
                "X-Doemu-Method"?: string;
                /** @description The URL that the program sees; http://localhost/ if not given */
                "X-Doemu-Url"?: string;
            };
            path: {
                worker: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "*/*": string;
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getServicesByWorkerFiles: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                worker: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Files"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getServicesByWorkerRpcByMethod: {
        parameters: {
            query?: {
                /** @description The name of an export; the default export if not given */
                entrypoint?: string;
                /** @description ctx.props, as JSON */
                props?: string;
            };
            header?: never;
            path: {
                /** @description A name, or several that lead from the receiver to the member as a JSON array */
                method: string;
                worker: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Value"];
                    "application/x-v8-serialized": components["schemas"]["Binary"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postServicesByWorkerRpcByMethod: {
        parameters: {
            query?: {
                /** @description The name of an export; the default export if not given */
                entrypoint?: string;
                /** @description ctx.props, as JSON */
                props?: string;
            };
            header?: never;
            path: {
                /** @description A name, or several that lead from the receiver to the member as a JSON array */
                method: string;
                worker: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ServiceCallRequest"];
                "application/x-v8-serialized": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Value"];
                    "application/x-v8-serialized": components["schemas"]["Binary"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getServicesByWorkerVars: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                worker: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Vars"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postSettle: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Clock"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getSnapshots: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_SnapshotSummary"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postSnapshots: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SaveRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_SnapshotSummary"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getSnapshotsByName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_WholeSnapshot"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    deleteSnapshotsByName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Deleted"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getSnapshotsByNameArchive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/gzip": string;
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postSnapshotsByNameArchive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/gzip": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_SnapshotSummary"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getSnapshotsByNameDiffByOther: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                /** @description Another snapshot, or now */
                other: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Comparison"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postSnapshotsByNameRestore: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RestoreRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Restored"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getWorlds: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_WorldView"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    postWorlds: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["WorldRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_WorldView"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    deleteWorldsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Deleted"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getLivez: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alive"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    getReadyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description An error: errors[0].message says what is wrong and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
}
