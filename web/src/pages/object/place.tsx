import type { Facet } from "../../api/client";
import { route, setQuery } from "../../route";
import { useObject } from "./object";

/** The facet whose storage is shown, by the names that lead to it; undefined for the object's own. */
export function useFacet(): string[] | undefined {
  const { object } = useObject();
  const asked = route.value.query.get("facet");
  return object.facets.find((facet) => facet.path.join("/") === asked)?.path;
}

/** Chooses whose storage is shown, where an object has facets: they have storage of their own, which can only be read. */
export function FacetChoice() {
  const { object } = useObject();
  const facet = useFacet();
  if (object.facets.length === 0) return null;
  return (
    <select class="field" aria-label="Storage of" value={facet?.join("/") ?? ""} onChange={(event) => setQuery({ facet: event.currentTarget.value || undefined })}>
      <option value="">The object's own storage</option>
      {object.facets.map(({ path }: Facet) => (
        <option key={path.join("/")} value={path.join("/")}>
          Facet {path.join(" / ")}
        </option>
      ))}
    </select>
  );
}
