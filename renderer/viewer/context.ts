import { createContext } from 'svelte';
import type { Client } from '../client.ts';

/** How parts of the viewer reach the engine. */
export const [getViewerClient, setViewerClient] = createContext<Client>();
