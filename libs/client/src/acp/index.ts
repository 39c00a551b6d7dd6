export { type ServeEditorOptions, serveEditor } from "./serve-editor.ts";
