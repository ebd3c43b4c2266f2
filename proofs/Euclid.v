(** Upper bounds on the distance of two centroids in Euclidean spaces: U4, U5 and the identity behind them.

    x, z, w    three families of points: anchors and positives of one class, negatives of another
    rho_i      the distance from x_i to the nearest w_k,   r_i = m + rho_i
    sigma_j    the distance from z_j to the nearest w_k,   s_j = m' + sigma_j
    T(m)       d(x_i, z_j) - d(x_i, w_k) <= m for all i, j, k;  T'(m') the same with anchors z and positives x
    Every theorem takes a form ip with its four laws and writes each distance as Num.sqrt (ip (u - v) (u - v));
    \mean, centroid, dist and spread are the abbreviations of Inner.v. *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From Boundcheck Require Import Extrema Inner.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope inner_scope.

(** The distance from u to the nearest w_k. *)
Notation near ip q w u :=
  (\big[Num.min/dist ip u (w ord0)]_(k < q.+1) dist ip u (w k)) (only parsing).

Section Upper.
Variables (R : rcfType) (V : lmodType R) (ip : V -> V -> R).
Hypothesis ipP : semi_inner ip.
Variables (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m m' : R).
Local Notation d u v := (dist ip u v) (only parsing).
Local Notation c_x := (centroid n x).
Local Notation c_z := (centroid p z).
Local Notation T := (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), d (x i) (z j) - d (x i) (w k) <= m).
Local Notation T' := (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), d (z j) (x i) - d (z j) (w k) <= m').
Local Notation r i := (m + near ip q w (x i)).
Local Notation s j := (m' + near ip q w (z j)).

(** The premise, read at the nearest negative: every positive lies in the ball around x_i of radius r_i. *)
Lemma triplet_radius : T -> forall i j, d (x i) (z j) <= r i.
Proof.
by move=> Tm i j; have [k ->] := bigmin_attained (fun k => d (x i) (w k)); rewrite -ler_subl_addr.
Qed.

Lemma triplet_radius' : T' -> forall i j, d (x i) (z j) <= s j.
Proof.
move=> Tm i j; have [k ->] := bigmin_attained (fun k => d (z j) (w k)).
by rewrite -ler_subl_addr (distC ipP (x i)).
Qed.

Lemma radius_ge0 : T -> forall i, 0 <= r i.
Proof. by move=> Tm i; apply: le_trans (norm_ge0 _ _) (triplet_radius Tm i ord0). Qed.

Lemma radius_ge0' : T' -> forall j, 0 <= s j.
Proof. by move=> Tm j; apply: le_trans (norm_ge0 _ _) (triplet_radius' Tm ord0 j). Qed.

Lemma centroids_identity :
  d c_x c_z ^+ 2
  = (\mean_(i < n.+1) \mean_(j < p.+1) d (x i) (z j) ^+ 2) - spread ip n x - spread ip p z.
Proof. by rewrite huygens_pairs //; ring. Qed.

Lemma spread_ge0 : 0 <= spread ip p z.
Proof. by apply: le_mean => j; rewrite exprn_ge0 ?norm_ge0. Qed.

End Upper.

(** The squared distance of two centroids, exactly. *)
Theorem centroid_identity (R : rcfType) (V : lmodType R) (ip : V -> V -> R) :
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V),
  dist ip (centroid n x) (centroid p z) ^+ 2
  = (\mean_(i < n.+1) \mean_(j < p.+1) dist ip (x i) (z j) ^+ 2) - spread ip n x - spread ip p z.
Proof.
by move=> sym scale add ge0 n p x z; exact: (centroids_identity (SemiInner sym scale add ge0)).
Qed.

(** U4. *)
Theorem variance (R : rcfType) (V : lmodType R) (ip : V -> V -> R) :
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), dist ip (x i) (z j) - dist ip (x i) (w k) <= m) ->
  dist ip (centroid n x) (centroid p z) ^+ 2
  <= (\mean_(i < n.+1) (m + near ip q w (x i)) ^+ 2) - spread ip n x.
Proof.
move=> sym scale add ge0 n p q x z w m Tm; have ipP := SemiInner sym scale add ge0.
rewrite (centroids_identity ipP); apply: le_trans (_ : _ <= _ - 0) _; last by rewrite subr0.
apply: ler_sub (spread_ge0 _ _); apply: ler_sub => //; apply: ler_mean => i; apply: mean_le => j.
by apply: ler_expn2r (triplet_radius Tm i j); rewrite nnegrE ?norm_ge0 ?(radius_ge0 Tm).
Qed.

(** U5: each side keeps its own m. *)
Theorem two_sided (R : rcfType) (V : lmodType R) (ip : V -> V -> R) :
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m m' : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), dist ip (x i) (z j) - dist ip (x i) (w k) <= m) ->
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), dist ip (z j) (x i) - dist ip (z j) (w k) <= m') ->
  dist ip (centroid n x) (centroid p z) ^+ 2
  <= (\mean_(i < n.+1) \mean_(j < p.+1) Num.min (m + near ip q w (x i)) (m' + near ip q w (z j)) ^+ 2)
     - spread ip n x - spread ip p z.
Proof.
move=> sym scale add ge0 n p q x z w m m' Tm Tm'; have ipP := SemiInner sym scale add ge0.
rewrite (centroids_identity ipP); do 2!apply: ler_sub => //.
apply: ler_mean => i; apply: ler_mean => j; apply: ler_expn2r.
- by rewrite nnegrE norm_ge0.
- by rewrite nnegrE le_minr (radius_ge0 Tm) (radius_ge0' ipP Tm').
- by rewrite le_minr (triplet_radius Tm) (triplet_radius' ipP Tm').
Qed.
