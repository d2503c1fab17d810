export class Starred {}
