export interface Env { API_KEY: string }
export enum Kind { Open, Shut }
